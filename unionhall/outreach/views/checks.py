"""/desk/visits/checks/: ratings by slip that were drawn at random, asked about by somebody without a part in them."""

from typing import Any

from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.views import List
from unionhall.members.hands import hands

from .. import presenting, slips
from ..actions import rating as actions
from ..forms.filters import CheckFilter
from ..forms.items import CheckForm
from ..models import RatingCheck, VisitStop
from .acting import SUPERVISE, VISIT, PlainAct, narrowed

TONES = {"waiting": "info", "confirmed": "ok", "denied": "bad", "unreached": "warn"}
_WITH = ("rating__item__organisation", "rating__item__visit__organisation", "checked_by")


class Checks(List):
    """/desk/visits/checks/"""

    model = RatingCheck
    permission = SUPERVISE
    template_name = "outreach/checks.html"
    filter_form = CheckFilter

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related(*_WITH)

    def filtered(self) -> Any:
        chosen = self.chosen
        rows = narrowed(
            self.get_queryset(), chosen.get("under", ""), self.access, to="rating__item__organisation"
        )
        state = chosen.get("state", "")
        if state == "checked":
            rows = rows.exclude(state=RatingCheck.State.WAITING)
        elif state:
            rows = rows.filter(state=state)
        if "year" in chosen:
            rows = rows.filter(checked_at__year=chosen["year"])
        return rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        clock = presenting.Clock()
        return [
            {
                "check": one,
                "item": one.rating.item,
                "tone": TONES[one.state],
                "left": clock.left(one.due_on) if one.state == RatingCheck.State.WAITING else None,
            }
            for one in rows
        ]


class CheckBack(PlainAct):
    """/desk/visits/checks/<pk>/: whom to ask, what was rated, what he says."""

    model = RatingCheck
    permission = SUPERVISE
    form_class: Any = CheckForm
    heading, submit = "评价回访", "保存"
    trail = ("评价回访", "desk_visit_checks")
    template_name = "outreach/check.html"
    success_message = "已保存。"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related(*_WITH, "rating__item__owner")

    def act(self, form: CheckForm) -> Any:
        return actions.check_back(self.actor, check=self.object, **form.cleaned_data)

    def lead(self) -> str:
        return f"{self.object.rating.item.number}　{self.object.rating.item.title}"

    def context(self) -> dict[str, Any]:
        check: RatingCheck = self.object
        item = check.rating.item
        rows = VisitStop.objects.everywhere(reason="whom the reader is to ask about a rating of his scope")
        stop = rows.select_related("employer", "person", "union").filter(items=item).first()
        asked = timezone.localtime(check.checked_at) if check.checked_at else None
        return super().context() | {
            "facts": [
                ("走访对象", self._name(stop) if stop else "—"),
                ("走访", f"{item.visit.number}　{item.visit.on:%Y-%m-%d}　{item.visit.organisation.name}"),
                ("答复", item.reply or "—"),
                ("评价", f"{check.rating.stars} 星　{timezone.localtime(check.rating.at):%Y-%m-%d %H:%M}"),
                ("意见", check.rating.words or "—"),
                ("回访期限", f"{check.due_on:%Y-%m-%d}"),
            ],
            "check": check,
            "tone": TONES[check.state],
            "asked": asked,
            "has_part": slips.has_part(item, hands(self.access).accounts),
        }

    def _name(self, stop: VisitStop) -> str:
        """Whoever asks has to know whom: the full name under the supervisor's own permission."""
        paths = self.object.rating.item.organisation.paths
        if stop.person is not None and not self.actor.may(VISIT, *paths):
            return stop.person.masked_name
        return presenting.name_of(stop, self.actor, paths)

    def back(self) -> str:
        return reverse("desk_visit_checks")
