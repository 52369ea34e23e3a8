"""/desk/visits/duties/: 逢伤必探 逢困必访 逢难必帮, each with its clock; by hand, supervised, explained."""

import secrets
from typing import Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.errors import Refused
from unionhall.foundation.offers import offers
from unionhall.foundation.views import Detail, List
from unionhall.members.hands import hands

from .. import cadres, presenting
from ..actions import duties as actions
from ..forms.filters import DutyFilter
from ..forms.items import AccountForm, DutyForm, ExplainForm, NoteForm
from ..forms.visits import ReasonForm
from ..models import VisitDuty
from .acting import SUPERVISE, VIEW, VISIT, CountsPeople, PlainAct, PlainCreate, narrowed


class Duties(List):
    """/desk/visits/duties/: what is open, and what became of the others."""

    model = VisitDuty
    permission = VIEW
    template_name = "outreach/duties.html"
    filter_form = DutyFilter

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation", "owner")

    def filtered(self) -> Any:
        chosen, now = self.chosen, timezone.now()
        rows = narrowed(self.get_queryset(), chosen.get("under", ""), self.access)
        state = chosen.get("state", "")
        if state == "open":
            rows = rows.open()
        elif state == "overdue":
            rows = rows.late(now)
        elif state == "met":
            rows = rows.met()
        elif state == "late":
            rows = rows.filter(done_at__gt=F("due_at"))
        elif state == "urged":
            rows = rows.filter(urged_at__isnull=False, explained_at=None)
        elif state == "void":
            rows = rows.filter(void_at__isnull=False)
        elif state == "valid":
            rows = rows.filter(void_at=None)
        if "year" in chosen:
            rows = rows.filter(opened_at__year=chosen["year"])
        if "trouble" in chosen:
            rows = rows.filter(trouble=chosen["trouble"])
        if "who" in chosen:
            rows = rows.filter(owner__in=hands(self.access).accounts)
        return rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        now = timezone.now()
        return [presenting.duty_row(one, now) for one in rows]

    def context(self) -> dict[str, Any]:
        now, here = timezone.now(), reverse("desk_visit_duties")
        found = self.get_queryset().aggregate(
            open=Count("pk", filter=Q(done_at=None, void_at=None)),
            overdue=Count("pk", filter=Q(done_at=None, void_at=None, due_at__lt=now)),
            met=Count("pk", filter=Q(done_at__lte=F("due_at"))),
            late=Count("pk", filter=Q(done_at__gt=F("due_at"))),
        )
        tiles = (
            ("待走访", "open", False),
            ("已逾期", "overdue", True),
            ("按时走访", "met", False),
            ("逾期走访", "late", False),
        )
        return {
            "tabs": presenting.tabs("desk_visit_duties"),
            "tiles": [
                {
                    "label": label,
                    "value": found[name],
                    "url": f"{here}?state={name}",
                    "hot": hot and bool(found[name]),
                }
                for label, name, hot in tiles
            ],
            "may_visit": bool(self.access.prefixes(VISIT)),
        }


class _OfDuty:
    model: Any = VisitDuty
    object: Any

    def get_queryset(self) -> Any:
        rows = super().get_queryset()  # type: ignore[misc]
        return rows.select_related("organisation", "owner", "person", "employer", "visit")

    def back(self) -> str:
        return reverse("desk_visit_duty", args=[self.object.pk])


class DutyPage(_OfDuty, Detail):
    """/desk/visits/duties/<pk>/"""

    permission = VIEW
    template_name = "outreach/duty.html"

    def context(self) -> dict[str, Any]:
        duty: VisitDuty = self.object
        paths = duty.organisation.paths
        visits, supervises = self.actor.may(VISIT, *paths), self.actor.may(SUPERVISE, *paths)
        who = duty.person.name if duty.person is not None and visits else duty.who
        return presenting.duty_row(duty, timezone.now()) | {
            "facts": [
                ("走访谁", who),
                ("事由", duty.because),
                ("来源", duty.source),
                ("责任工会", duty.organisation.name),
                ("责任人", duty.owner.display_name if duty.owner else "尚未指定"),
                ("发生时间", f"{timezone.localtime(duty.opened_at):%Y-%m-%d %H:%M}"),
                ("截止时间", f"{timezone.localtime(duty.due_at):%Y-%m-%d %H:%M}"),
                ("走访时间", f"{timezone.localtime(duty.done_at):%Y-%m-%d %H:%M}" if duty.done_at else "—"),
                *([("撤销原因", duty.void_because)] if duty.void_because else []),
            ],
            "may": {
                "go": visits and duty.is_open,
                "assign": visits and duty.is_open,
                "urge": supervises and duty.void_at is None and duty.state != "met",
                "explain": visits and duty.urged_at is not None and duty.explained_at is None,
                "void": duty.is_open and actions.may_void(self.actor, duty),
            },
            "offers": offers("visit_duty.detail", self.request, duty),
        }


class NewDuty(CountsPeople, PlainCreate):
    """/desk/visits/duties/new/: somebody is hurt, in hardship, in trouble; the clock runs from now."""

    model = VisitDuty
    permission = VISIT
    form_class: Any = DutyForm
    people_field = "person"
    heading, submit = "登记必访任务", "登记并开始计时"
    trail = ("必访任务", "desk_visit_duties")

    def get_form_kwargs(self) -> dict[str, Any]:
        unions = presenting.own_unions(self.access)
        return super().get_form_kwargs() | {"unions": unions}

    def act(self, form: DutyForm) -> VisitDuty:
        given = form.cleaned_data
        person, firm = given["person"], given["firm"]
        union = given["organisation"]
        if union is None and person is not None:
            union = cadres.union_of_person(person.pk)
        elif union is None:
            union = cadres.union_of_employer(firm.pk)
        if union is None:
            raise Refused("没有找到负责的工会，请选择责任工会。", field="organisation")
        duty = actions.open_duty(
            self.actor, trouble=given["trouble"], key=f"hand:{secrets.token_hex(8)}", source="手工登记",
            because=given["because"], organisation=union, person=person,
            employer=None if person is not None else firm,
        )  # fmt: skip
        if duty is None:
            raise Refused("当地方案没有要求这种情形必须走访，请直接登记走访。", field="trouble")
        return duty

    def back(self) -> str:
        return reverse("desk_visit_duties")

    def get_success_url(self) -> str:
        if self.actor.may(VIEW, *self.result.organisation.paths):
            return reverse("desk_visit_duty", args=[self.result.pk])
        return self.back()


class _OnDuty(_OfDuty, PlainAct):
    permission = VISIT
    trail = ("必访任务", "desk_visit_duties")

    def lead(self) -> str:
        return f"{self.object.number}　{self.object.get_trouble_display()}　{self.object.who}"


class AssignDuty(_OnDuty):
    heading, submit = "指定责任人", "指定"
    form_class: Any = AccountForm

    def get_form_kwargs(self) -> dict[str, Any]:
        found = cadres.holders(cadres.with_above(self.object.organisation))
        owners = {one.account_id: (one.account, one.organisation) for one in found}
        return super().get_form_kwargs() | {"owners": owners}

    def act(self, form: AccountForm) -> Any:
        return actions.assign(self.actor, duty=self.object, account=form.cleaned_data["owner"])


class UrgeDuty(_OnDuty):
    permission = SUPERVISE
    heading, submit = "督办", "发出督办"
    form_class: Any = NoteForm

    def act(self, form: NoteForm) -> Any:
        return actions.urge(self.actor, duty=self.object, note=form.cleaned_data["note"])


class ExplainDuty(_OnDuty):
    heading, submit = "回复督办", "提交回复"
    form_class: Any = ExplainForm

    def act(self, form: ExplainForm) -> Any:
        return actions.explain(self.actor, duty=self.object, explanation=form.cleaned_data["explanation"])


class VoidDuty(_OnDuty):
    permission = SUPERVISE
    heading, submit = "撤销任务", "撤销"
    warning = "只撤销登记错误或重复的；不需要走访的也要写明原因。"
    form_class: Any = ReasonForm

    def act(self, form: ReasonForm) -> Any:
        return actions.void(self.actor, duty=self.object, reason=form.cleaned_data["reason"])
