"""The desk's list of every case that the reader may see, and what is done to many at once."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from unionhall.access.models import Account
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.foundation.views import List
from unionhall.kit.text import number_of
from unionhall.kit.workdays import Calendar

from .. import exporting, inbox, kinds, presenting
from ..actions import core
from ..actions.appeals_owner import give_an_owner
from ..forms.desk import CaseFilter
from ..models import Case, CaseQuerySet

BATCH_LIMIT = 200
ACTIONS = (
    {"label": "自动分派", "value": "auto", "confirm": "把选中的案件分派给在办最少的承办人？"},
    {"label": "由我承办", "value": "me", "confirm": "由您承办选中的案件？"},
)


class CaseList(List):
    """/desk/cases/: by the clock that ends first; closed ones the latest first."""

    model = Case
    permission = "cases.view"
    template_name = "cases/list.html"
    partials = ()  # the page is the answer; htmx takes #list out of it

    @cached_property
    def now(self) -> Any:
        return timezone.now()

    @cached_property
    def calendar(self) -> Calendar:
        return working_calendar()

    @cached_property
    def bounds(self) -> inbox.Bounds:
        return inbox.Bounds.at(self.now, self.calendar)

    @cached_property
    def form(self) -> CaseFilter:
        return exporting.filters(self.request.GET.dict())

    @cached_property
    def wanted(self) -> inbox.Wanted:
        return exporting.wanted(self.chosen)

    @cached_property
    def reach(self) -> inbox.Reach:
        return inbox.reach_of(self.access, self.wanted.state)

    @cached_property
    def _matching(self) -> tuple[CaseQuerySet, bool]:
        rows = inbox.visible(self.access, self.reach, mine=self.wanted.owner == "mine")
        return inbox.matching(rows, self.wanted, self.access.account_id)

    @property
    def seen(self) -> CaseQuerySet:
        """What every filter but state and light leaves."""
        return self._matching[0]

    @property
    def frequent(self) -> bool:
        """Whether words are asked for that stand in very many cases: less is counted then."""
        return self._matching[1]

    def filtered(self) -> CaseQuerySet:
        rows = inbox.in_state(self.seen, self.wanted.state)
        if self.wanted.state == inbox.DUE and self.wanted.light:
            rows = rows.filter(self.bounds.light(self.wanted.light))
        return rows

    @cached_property
    def _counted(self) -> tuple[dict[str, int], int]:
        # Frequent words are met soon in any order; all cases of a scope need not be gathered first.
        rows = self.seen if self.frequent else inbox.countable(self.seen, self.reach, self.wanted)
        most = inbox.MOST_WITH_WORDS if self.frequent else inbox.MOST_COUNTED
        return inbox.counts(rows, self.wanted, self.bounds, most)

    @property
    def counts(self) -> dict[str, int]:
        return self._counted[0]

    def total(self) -> int:
        return self._counted[1]

    def _page(self) -> tuple[list[Any], Any, Any]:
        get, rows = self.request.GET.get, self.filtered().select_related("organisation", "owner")
        by_due = self.wanted.state == inbox.DUE
        try:
            found, following, preceding = inbox.page(
                rows,
                by_due=by_due,
                paused=self.wanted.state == inbox.PAUSED,
                after=get("after", ""),
                before=get("before", ""),
                size=self.page_size,
                unions=self.reach.unions,
                walked=self.reach.trade,
                each=inbox.by_union(self.wanted),
            )
        except ValueError as wrong:
            raise Http404 from wrong
        self.keys = (following, preceding)
        return found, following or None, preceding or None

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [presenting.row(one, self.now, self.calendar) for one in rows]

    def context(self) -> dict[str, Any]:
        return {
            "after_key": self.keys[0],
            "before_key": self.keys[1],
            "tabs": self._tabs(),
            "tiles": self._tiles(),
            "filters_active": any(self.request.GET.get(name) for name in CaseFilter.base_fields),
            "batch": self.wanted.state != inbox.CLOSED and bool(self.access.prefixes("cases.open")),
            "actions": ACTIONS,
            "batch_url": f"{reverse('desk_cases_batch')}?{self.request.GET.urlencode()}",
            "may_register": bool(self.access.prefixes("cases.open")),
            "may_export": bool(self.access.prefixes("cases.export")),
            "export_url": f"{reverse('desk_cases_export_new')}?{self.request.GET.urlencode()}",
            "exports_url": reverse("desk_cases_exports"),
            "may_import": bool(self.access.prefixes("cases.hotline")),
        }

    def _tabs(self) -> list[dict[str, Any]]:
        """Every kind that the reader may see, and all of them."""
        query = {name: value for name, value in self.chosen.items() if name != "kind"}
        found = [("", "全部")]
        found += [(one.code, one.title) for one in kinds.all_kinds() if self.access.prefixes(one.view)]
        return [
            {
                "label": label,
                "url": "?" + urlencode({**query, "kind": code} if code else query),
                "current": self.wanted.kind == code,
                "count": None,
            }
            for code, label in found
        ]

    def _tiles(self) -> list[dict[str, Any]]:
        query = {name: value for name, value in self.chosen.items() if name not in ("light", "state")}
        words = (
            ("red", "逾期", "已超过办理时限"),
            ("amber", "临期", "3 个工作日内到期"),
            ("green", "正常", "超过 3 个工作日"),
        )
        tiles = [
            {
                "label": label,
                "value": self.counts[light],
                "unit": "件",
                "note": note,
                "url": "?" + urlencode({**query, "light": light}),
                "hot": light == "red" and self.counts[light] > 0,
            }
            for light, label, note in words
        ]
        paused = {
            "label": "暂停计时",
            "value": self.counts[inbox.PAUSED],
            "unit": "件",
            "note": "等待补充，或没有时限",
            "url": "?" + urlencode({**query, "state": inbox.PAUSED}),
        }
        return [*tiles, paused]


class Batch(CaseList):
    """POST /desk/cases/batch/: give the ticked ones an owner; the answer is by row."""

    permission = "cases.open"
    template_name = "cases/batch.html"
    http_method_names = ("get", "post")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("desk_cases")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        chosen, left = self._chosen_cases()
        done, failures = 0, []
        for case in chosen:
            try:
                with transaction.atomic():
                    self._assign(case, request.POST.get("action", ""))
            except (Refused, NotAllowed) as refusal:
                label, url = f"{case.number} {case.title}", reverse("desk_case", args=[case.number])
                failures.append({"label": label, "reason": str(refusal), "url": url})
            else:
                done += 1
        found = {
            "done": done,
            "failures": failures,
            "left": left,
            "limit": BATCH_LIMIT,
            "nothing": not chosen,
            "back_url": f"{reverse('desk_cases')}?{request.GET.urlencode()}",
        }
        return self.render_to_response(found, status=200 if chosen else 422)

    def _assign(self, case: Case, how: str) -> None:
        if how == "me":
            me = Account.objects.get(pk=self.access.account_id or 0)
            core.assign(self.actor, case, me, because="本人承办")
            return
        self.actor.require("cases.assign", *case.organisation.paths)
        if not case.is_open:
            raise Refused("案件已经办结。")
        if case.owner_id is not None:
            raise Refused("已经有承办人，要换人请打开案件分派。")
        if give_an_owner(self.actor, case).owner_id is None:
            raise Refused("这个工会没有可以承办的人，请打开案件移送上级，或请上级授权。")

    def _chosen_cases(self) -> tuple[list[Case], int]:
        if self.request.POST.get("everything"):
            rows = self.filtered()
        else:
            ticked = [pk for pk in map(number_of, self.request.POST.getlist("selected")) if pk is not None]
            rows = Case.objects.visible_to(self.access).filter(pk__in=ticked)
        found = list(rows.select_related("organisation").order_by("pk")[: BATCH_LIMIT + 1])
        left = inbox.bounded(rows, inbox.MOST_LISTED) - BATCH_LIMIT if len(found) > BATCH_LIMIT else 0
        return found[:BATCH_LIMIT], left
