"""投保名单 at the desk of the federation: asked for a month, downloaded with a trace."""

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.views import Create, List, stream
from unionhall.foundation.views.reading import Scoped

from ..actions import cover_rolls
from ..forms.cover import RollForm
from ..models import CoverRoll
from ..schemes.cover import PROGRAMMES, TITLES
from .cover_desk import tabs

TONES = {"making": "info", "ready": "ok", "failed": "bad"}
SHOWN = 6


class Rolls(List):
    """/desk/cover/rolls/: what was told to the insurers, latest first."""

    model = CoverRoll
    permission = "benefits.cover_roll"
    template_name = "benefits/cover/desk_rolls.html"

    def take(self, rows: ScopedQuerySet[Any], count: int) -> list[Any]:
        return list(rows.select_related("organisation", "file")[:count])

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [{"roll": one, "title": TITLES[one.programme], "tone": TONES[one.state]} for one in rows]

    def context(self) -> dict[str, Any]:
        keeper = cover_rolls.keeper()
        return {
            "tabs": tabs("desk_cover_rolls", self.access),
            "keeper": keeper,
            "may_ask": self.actor.may(self.permission, *keeper.paths),
        }


class AskRoll(Create):
    """/desk/cover/rolls/new/: the line is drawn now, the file is written by a job."""

    model = CoverRoll
    permission = "benefits.cover_roll"
    template_name = "benefits/cover/desk_form.html"
    form_class = RollForm
    success_message = "已开始生成，完成后会通知您。"

    def get_form_kwargs(self) -> dict[str, Any]:
        today = timezone.localdate()
        held = [code for code in PROGRAMMES if any(one.holds_on(today) for one in rulebook.versions(code))]
        return super().get_form_kwargs() | {
            "programmes": [(code, TITLES[code]) for code in held],
            "months": _months(today.replace(day=1)),
        }

    def act(self, form: Any) -> CoverRoll:
        answers = form.cleaned_data
        return cover_rolls.ask(
            self.actor, programme=answers["programme"], month=date.fromisoformat(answers["month"])
        )

    def get_success_url(self) -> str:
        return reverse("desk_cover_rolls")

    def context(self) -> dict[str, Any]:
        return {
            "heading": "生成投保名单", "submit": "生成", "back": reverse("desk_cover_rolls"),
            "lead": "名单只列上一期以后的新增、终止和更正。一项保障一个月一份，再次申请得到同一份。",
        }  # fmt: skip


def _months(first: date) -> list[date]:
    """This month and those before."""
    found = [first]
    while len(found) < SHOWN:
        last = found[-1]
        found.append(date(last.year - (last.month == 1), (last.month - 2) % 12 + 1, 1))
    return found


class DownloadRoll(Scoped):
    """POST /desk/cover/rolls/<pk>/download/: whole document numbers, so every opening is journalled."""

    model = CoverRoll
    permission = "benefits.cover_roll"
    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        roll: CoverRoll = self.object
        if roll.file is None:
            raise Http404
        pieces = cover_rolls.open_file(self.actor, roll=roll)
        return stream(pieces, roll.file.name, roll.file.content_type)
