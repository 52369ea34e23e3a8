"""One case at the desk: all there is to know of it, and the moves that the reader may make."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.foundation.panels import panels
from unionhall.foundation.views import Act
from unionhall.kit.masking import mask_id, mask_phone

from .. import kinds, presenting
from ..actions import core
from ..actions.desk import may_handle
from ..forms.desk import MoveForm
from ..models import Case, CaseEvent, CaseFile, CaseParty
from ..versions import scheme_of, state_label


class OfCase(Act):
    """Shared by the pages about one case: out of scope is 404, by the permission of its kind."""

    model = Case
    slug_field = "number"
    permission = "cases.view"

    def get_queryset(self) -> Any:
        return Case.objects.visible_to(self.access).select_related(
            "organisation", "owner", "employer", "person"
        )

    @cached_property
    def rules(self) -> kinds.Kind:
        return kinds.kind(self.object.kind)

    @cached_property
    def handles(self) -> bool:
        return may_handle(self.actor, self.object)

    def get_success_url(self) -> str:
        return reverse("desk_case", args=[self.object.number])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(kind_title=self.rules.title, **kwargs)


class CasePage(OfCase):
    """/desk/cases/<number>/: facts, parties, clocks, what happened, texts, papers, links; and what to do now."""

    template_name = "cases/case.html"
    form_class = MoveForm
    offer_place = "case.detail"
    success_message = "{result}"

    @cached_property
    def events(self) -> list[CaseEvent]:
        return list(self.object.events.order_by("id"))

    @cached_property
    def moves(self) -> list[tuple[str, str, bool]]:
        return presenting.desk_moves(self.object) if self.handles else []

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"moves": self.moves}

    def act(self, form: MoveForm) -> str:
        code, opinion = form.cleaned_data["move"], form.cleaned_data["opinion"]
        if code not in {one for one, _, _ in self.moves}:
            raise Refused("页面已过期，请刷新后再办理。")
        case = core.move(self.actor, self.object, code, opinion=opinion)
        return f"{case.number} 已办理，现在是“{state_label(case)}”。"

    def context(self) -> dict[str, Any]:
        case, now, calendar = self.object, timezone.now(), working_calendar()
        return {
            "state": state_label(case),
            "grade": self._grade(),
            "light": presenting.light(case, now, calendar),
            "facts": presenting.facts(case),
            "stepper": presenting.stepper(case, self.events),
            "timeline": presenting.timeline(self.events, case),
            "clocks": presenting.clock_rows(case.clocks.all(), now, calendar),
            "parties": self._parties(),
            "texts": list(case.texts.order_by("id")),
            "files": presenting.files(case.files.select_related("attachment").order_by("id"), _address(case)),
            "links": self._links(),
            "moves": self.moves,
            "may": self._may(),
            "own": self.rules.panel(self.request, case),
            "own_template": self.rules.template,
            "panels": panels("case.detail", self.request, case),
        }

    def _grade(self) -> str:
        grades = getattr(scheme_of(self.object), "grades", {})
        return (
            str(grades.get(self.object.grade, self.object.grade))
            if isinstance(grades, dict)
            else self.object.grade
        )

    def _may(self) -> dict[str, bool]:
        case, open_ = self.object, self.object.is_open
        assigns = self.actor.may("cases.assign", *case.organisation.paths)
        takes = self.handles and case.owner_id is None
        grades = getattr(scheme_of(case), "grades", {})
        return {
            "handle": self.handles,
            "assign": open_ and (assigns or takes),
            "hand_over": open_ and self.handles,
            "grade": open_ and self.handles and isinstance(grades, dict) and bool(grades),
            "contact": self.handles and case.contact is not None,
        }

    def _parties(self) -> list[dict[str, Any]]:
        return [
            {
                "party": one,
                "key": str(one.pk),
                "id_number": _masked(one, "id_number"),
                "phone": _masked(one, "phone"),
            }
            for one in self.object.parties.order_by("side", "id")
        ]

    def _links(self) -> list[dict[str, Any]]:
        """Linked cases that the reader may see, from both sides."""
        case = self.object
        out = [(one.other_id, one.get_bond_display()) for one in case.links.all()]
        into = [(one.case_id, f"{one.get_bond_display()}本件") for one in case.linked_from.everywhere(
            reason="links of a case that the reader sees; the other ends are asked for below")]  # fmt: skip
        if not out and not into:
            return []
        rows = Case.objects.visible_to(self.access).filter(pk__in=[pk for pk, _ in out + into])
        seen = {one.pk: one for one in rows}
        return [
            {"case": seen[pk], "bond": bond, "state": state_label(seen[pk])}
            for pk, bond in out + into
            if pk in seen
        ]


def _masked(party: CaseParty, what: str) -> str:
    sealed = getattr(party, what)
    if sealed is None:
        return ""
    return mask_phone(sealed.reveal()) if what == "phone" else mask_id(sealed.reveal())


def _address(case: Case) -> Any:
    def address(file: CaseFile) -> str:
        return reverse("desk_case_file", args=[case.number, file.pk])

    return address
