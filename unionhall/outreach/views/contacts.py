"""/desk/contacts/: who answers for whom; firms in difficulty with their helpers."""

from functools import cached_property
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.offers import offers
from unionhall.foundation.panels import panels
from unionhall.foundation.views import List
from unionhall.kit.text import number_of
from unionhall.members.hands import hands
from unionhall.organisations.models import Employer, Organisation

from .. import cadres, presenting
from ..actions import contacts as actions
from ..actions.holding import scheme_of
from ..forms.contacts import ContactForm, FirmForm, LeaveForm
from ..forms.filters import ContactFilter, FirmFilter
from ..indicators.contacts import helped
from ..models import ContactPoint, DifficultFirm
from .acting import ASSIGN, VIEW, CountsPeople, PlainAct, PlainCreate, narrowed

WHY = presenting.WHY
TRAIL = ("联系点", "desk_contacts")


class Contacts(List):
    """/desk/contacts/"""

    model = ContactPoint
    permission = VIEW
    template_name = "outreach/contacts.html"
    filter_form = ContactFilter

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("account", "organisation", "union", "employer", "person")

    def filtered(self) -> Any:
        chosen, today = self.chosen, timezone.localdate()
        rows = narrowed(self.get_queryset(), chosen.get("under", ""), self.access)
        rows = rows.filter(period__endswith__lte=today) if chosen.get("state") == "ended" else rows.current()
        if "kind" in chosen:
            rows = rows.filter(**{f"{chosen['kind']}__isnull": False})
        if "who" in chosen:
            rows = rows.filter(account__in=hands(self.access).accounts)
        if "q" in chosen:
            text = chosen["q"]
            rows = rows.filter(
                Q(employer__name__contains=text)
                | Q(union__name__contains=text)
                | Q(account__display_name__contains=text)
            )
        return rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [
            {
                "point": one,
                "kind": presenting.KINDS[one.kind],
                "name": presenting.name_of(one, self.actor, one.organisation.paths),
                "may_end": self.actor.may(ASSIGN, *one.organisation.paths),
                "visit": f"{reverse('desk_visit_new')}?{one.kind}={getattr(one, f'{one.kind}_id')}"
                if one.kind != "union"
                else reverse("desk_visit_new"),
            }
            for one in rows
        ]

    def context(self) -> dict[str, Any]:
        return {
            "tabs": presenting.tabs("desk_contacts"),
            "may_assign": bool(self.access.prefixes(ASSIGN)),
            "panels": panels("outreach.contacts", self.request, None),
            "offers": offers("outreach.contacts", self.request, None),
        }


class _Cadres:
    """Cadres whom the reader may name: those of the unions in which he is an officer himself."""

    access: Any

    @cached_property
    def unions(self) -> list[Organisation]:
        return presenting.own_unions(self.access, ASSIGN)

    @cached_property
    def cadres(self) -> dict[str, tuple[Account, Organisation]]:
        found = cadres.holders([one.path for one in self.unions])
        return {str(one.account_id): (one.account, one.organisation) for one in found}


class NewContact(CountsPeople, _Cadres, PlainCreate):
    """/desk/contacts/new/: `?employer=` names the firm, `?helps=1` the helper."""

    model = ContactPoint
    permission = ASSIGN
    form_class: Any = ContactForm
    people_field = "person"
    heading, submit = "指定联系点", "指定"
    trail = TRAIL
    success_message = "已指定，并发消息告诉干部。"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"cadres": self.cadres}

    def get_initial(self) -> dict[str, Any]:
        key = number_of(self.request.GET.get("employer", ""))
        found = {"helps": self.request.GET.get("helps") == "1"}
        firm = Employer.objects.filter(pk=key).first() if key is not None else None
        return {**found, "firm": (firm.uscc or firm.name) if firm else ""}

    def act(self, form: ContactForm) -> ContactPoint:
        given = form.cleaned_data
        account, union = self.cadres[given["cadre"]]
        return actions.name_contact(
            self.actor, account=account, organisation=union, target=given["target"], helps=given["helps"],
            until=given["until"], note=given["note"],
        )  # fmt: skip

    def back(self) -> str:
        return reverse("desk_contacts")


class EndContact(PlainAct):
    """/desk/contacts/<pk>/end/"""

    model = ContactPoint
    permission = ASSIGN
    heading, submit = "结束联系", "结束"
    warning = "今天起不再是联系点；以前的走访仍然计入统计。"
    trail = TRAIL

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation", "account", "union", "employer", "person")

    def lead(self) -> str:
        point: ContactPoint = self.object
        name = presenting.name_of(point, self.actor, point.organisation.paths)
        return f"{point.account.display_name}　联系　{name}"

    def act(self, form: Any) -> None:
        actions.end_contact(self.actor, point=self.object)

    def back(self) -> str:
        return reverse("desk_contacts")


class Firms(List):
    """/desk/contacts/firms/: firms in difficulty, each with its helper or a red word."""

    model = DifficultFirm
    permission = VIEW
    template_name = "outreach/firms.html"
    filter_form = FirmFilter

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("employer", "organisation")

    def filtered(self) -> Any:
        chosen = self.chosen
        rows = narrowed(self.get_queryset(), chosen.get("under", ""), self.access)
        rows = rows.exclude(left_on=None) if chosen.get("state") == "left" else rows.in_force()
        if "level" in chosen:
            rows = rows.filter(level=chosen["level"])
        if "helper" in chosen:
            rows = rows.filter(helped() if chosen["helper"] == "yes" else ~helped())
        if "q" in chosen:
            rows = rows.filter(employer__name__contains=chosen["q"])
        return rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        held = ContactPoint.objects.everywhere(reason=WHY).current().filter(helps=True)
        held = held.filter(employer__in=[one.employer_id for one in rows]).select_related("account")
        helpers = {one.employer_id: one.account.display_name for one in held}
        tones = {"light": "info", "serious": "warn", "grave": "bad"}
        unions = cadres.unions_of_employers(one.employer_id for one in rows)
        return [
            {
                "firm": one,
                "tone": tones[one.level],
                "helper": helpers.get(one.employer_id, ""),
                "may": self._may(one, unions.get(one.employer_id)),
                "name_helper": f"{reverse('desk_contact_new')}?employer={one.employer_id}&helps=1",
            }
            for one in rows
        ]

    def _may(self, firm: DifficultFirm, union: Organisation | None) -> bool:
        """Helpers and leaving are matters of the union that answers for it today, and of those above."""
        places = [firm.organisation, *([union] if union is not None else [])]
        return firm.left_on is None and all(self.actor.may(ASSIGN, *one.paths) for one in places)

    def context(self) -> dict[str, Any]:
        here, rows = reverse("desk_difficult_firms"), self.get_queryset().in_force()
        count, with_helper = rows.count(), rows.filter(helped()).count()
        unions = presenting.own_unions(self.access, VIEW)
        wanted = scheme_of(unions[0]).parameters.difficult_firms if unions else 0
        note = f"方案要求联系 {wanted} 家" if wanted else ""
        tiles = [
            {"label": "困难企业", "value": count, "unit": "家", "note": note, "url": here},
            {"label": "有责任人", "value": with_helper, "unit": "家", "url": f"{here}?helper=yes"},
            {
                "label": "没有责任人", "value": count - with_helper, "unit": "家", "url": f"{here}?helper=no",
                "hot": count > with_helper,
            },
        ]  # fmt: skip
        return {
            "tabs": presenting.tabs("desk_difficult_firms"),
            "tiles": tiles,
            "may_assign": bool(self.access.prefixes(ASSIGN)),
            "panels": panels("outreach.helpers", self.request, None),
        }


class NewFirm(_Cadres, PlainCreate):
    """/desk/contacts/firms/new/"""

    model = DifficultFirm
    permission = ASSIGN
    form_class: Any = FirmForm
    heading, submit = "认定困难企业", "列入名单"
    trail = ("困难企业", "desk_difficult_firms")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"cadres": self.cadres, "unions": self.unions}

    def act(self, form: FirmForm) -> DifficultFirm:
        given = form.cleaned_data
        helper = self.cadres[given["cadre"]][0] if given["cadre"] else None
        return actions.declare_firm(
            self.actor, employer=given["firm"], organisation=given["organisation"],
            reason=given["reason"], level=given["level"], workers=given["workers"],
            statement=given["statement"], helper=helper,
        )  # fmt: skip

    def back(self) -> str:
        return reverse("desk_difficult_firms")


class LeaveFirm(PlainAct):
    """/desk/contacts/firms/<pk>/leave/"""

    model = DifficultFirm
    permission = ASSIGN
    form_class: Any = LeaveForm
    heading, submit = "退出困难企业名单", "退出"
    trail = ("困难企业", "desk_difficult_firms")

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("employer", "organisation")

    def lead(self) -> str:
        return str(self.object.employer.name)

    def act(self, form: LeaveForm) -> Any:
        return actions.leave_firm(self.actor, firm=self.object, **form.cleaned_data)

    def back(self) -> str:
        return reverse("desk_difficult_firms")
