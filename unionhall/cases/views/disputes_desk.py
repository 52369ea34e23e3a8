"""劳动争议 at the desk: the list with its lights, and what somebody brings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Exists, Model, OuterRef, Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from unionhall.access import lookups
from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.foundation.sealing import identity_index
from unionhall.foundation.views import Create, List
from unionhall.kit.contacts import normalise_phone
from unionhall.kit.identifiers import IdentifierError
from unionhall.members.models import Person
from unionhall.organisations.models import Employer, Organisation

from .. import disputes_shown as shown
from .. import kinds
from ..actions import disputes as acts
from ..forms.disputes import DeskFiling, DisputeFilter, lines
from ..models import Case, Mediation

VIEW, HANDLE, OPEN = "cases.disputes", "cases.disputes_handle", "cases.open"
_STAGES = {
    "open": Q(closed_at=None), "intake": Q(state__in=["intake", "supplement"]), "mediating": Q(state="mediating"),
    "agreed": Q(state__in=["agreed", "confirmed", "reviewed", "payment_order"]),
    "failed": Q(state__in=["failed", "timeout"]), "referred": Q(state="referred"), "closed": Q(closed_at__isnull=False),
}  # fmt: skip
SOON = 60


def tabs(name: str, access: Any) -> list[dict[str, Any]]:
    pages = (
        ("劳动争议", "desk_disputes", VIEW), ("部门联动", "desk_referrals", "cases.view"),
        ("调解组织", "desk_mediation", "cases.mediation"), ("联动单位", "desk_partners", "cases.partners"),
        ("指标", "desk_dispute_figures", VIEW),
    )  # fmt: skip
    return [
        {"label": label, "url": reverse(url), "current": url == name}
        for label, url, code in pages
        if access.prefixes(code)
    ]


def warned(code: str) -> Q:
    """The condition of a reminder."""
    today = timezone.localdate()
    if code == "late":
        return Q(due_at__lt=timezone.now(), closed_at=None)
    if code == "limitation":
        unsettled = Q(
            state__in=["intake", "supplement", "accepted", "referred", "mediating", "failed", "timeout"]
        )
        return unsettled & Q(dispute__limitation_on__lte=today + timedelta(days=SOON))
    return Q(
        agreements__state="effective", agreements__instalments__paid_on=None, agreements__instalments__due_on__lt=today
    )  # fmt: skip


def last_with(body: int) -> Any:
    """Cases that this body had last: as its figures count them."""
    rows = Mediation.objects.everywhere(reason="narrows a list that is scoped already")
    later = rows.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"))
    return rows.filter(~Exists(later), body=body).values("case")


class Disputes(List):
    """/desk/disputes/: disputes in the reader's area; late, near limitation, unpaid by filter."""

    model = Case
    permission = VIEW
    template_name = "cases/disputes/list.html"
    filter_form = DisputeFilter

    def get_queryset(self) -> ScopedQuerySet[Any]:
        return super().get_queryset().filter(kind="dispute")

    def filtered(self) -> ScopedQuerySet[Any]:
        rows, chosen = self.get_queryset(), self.chosen
        if "q" in chosen:
            named = Employer.objects.named(chosen["q"]).values("pk")
            rows = rows.filter(Q(number=chosen["q"].upper()) | Q(employer__in=named))
        if "stage" in chosen:
            rows = rows.filter(_STAGES[chosen["stage"]])
        if "cause" in chosen:
            rows = rows.filter(cause=chosen["cause"])
        if "area" in chosen:
            rows = rows.filter(division__startswith=chosen["area"])
        if "body" in chosen:
            rows = rows.filter(pk__in=last_with(chosen["body"]))
        if "due" in chosen:
            rows = rows.filter(pk__in=self.get_queryset().filter(warned(chosen["due"])).values("pk"))
        return rows

    def take(self, rows: Any, count: int) -> list[Any]:
        return list(shown.with_disputes(rows)[:count])

    def decorate(self, rows: list[Any]) -> list[Any]:
        causes = kinds.kind("dispute").causes
        today = timezone.localdate()
        return [
            {
                "case": one,
                "state": shown.state_of(one),
                "cause": causes.get(one.cause, ""),
                "limitation": shown.limitation(one, one.dispute),
                "mediator": one.now_mediated[0].mediator.name if one.now_mediated else "",
                "due": one.due_at if one.closed_at is None else None,
                "days": (timezone.localdate(one.due_at) - today).days if one.due_at else None,
            }
            for one in rows
        ]

    def context(self) -> dict[str, Any]:
        rows, here = self.get_queryset().open(), reverse("desk_disputes")  # type: ignore[attr-defined]

        def tile(label: str, query: str, condition: Q, hot: bool = False) -> dict[str, Any]:
            count = rows.filter(condition).values("pk").distinct().count()
            return {
                "label": label,
                "value": count,
                "unit": "件",
                "url": f"{here}?{query}",
                "hot": hot and count > 0,
            }

        return {
            "tabs": tabs("desk_disputes", self.access),
            "may_open": bool(self.access.prefixes(OPEN)),
            "tiles": [
                tile("待受理", "stage=intake", _STAGES["intake"]),
                tile("调解中", "stage=mediating", _STAGES["mediating"]),
                tile("超办理时限", "due=late", warned("late"), hot=True),
                tile("时效将满或已过", "due=limitation", warned("limitation"), hot=True),
                tile("协议到期未付", "due=unpaid", warned("unpaid"), hot=True),
            ],
        }


class OfDispute:
    """Pages of one dispute, by its number."""

    model: ClassVar[type[Model]] = Case
    slug_field = "number"
    object: Any
    access: Any
    actor: Any

    def get_queryset(self) -> Any:
        rows = super().get_queryset().filter(kind="dispute")  # type: ignore[misc]
        return rows.select_related("organisation", "employer", "person", "dispute", "owner")


class NewDispute(Create):
    """/desk/disputes/new/: what somebody brought; the union that takes it follows from member and employer."""

    permission = OPEN
    template_name = "cases/disputes/desk_form.html"
    form_class = DeskFiling

    def get_initial(self) -> dict[str, Any]:
        """`?statement=`: what another page already knows."""
        return {"statement": self.request.GET.get("statement", "")[:500]}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Counts the look-up before the act's own transaction: what is refused there would take the count back."""
        if request.POST.get("id_number", "").strip() and (why := lookups.refusal(self.actor)):
            form = self.get_form()
            form.add_error("id_number", why)
            return self.refuse(form)
        return super().post(request, *args, **kwargs)

    def act(self, form: DeskFiling) -> Case:
        given = form.cleaned_data
        phone = given["phone"].strip()
        if phone:
            try:
                phone = normalise_phone(phone)
            except IdentifierError as wrong:
                raise Refused(str(wrong), "phone") from None
        person = self.person(given["id_number"].strip().upper(), given["name"].strip())
        employer = given["employer"]
        union = self.union(person, employer)
        return acts.file_dispute(
            self.actor, claim=form.claimed(), organisation=union, channel=given["channel"],
            statement=given["statement"], person=person, employer=employer, employer_name=given["employer_name"],
            colleagues=lines(given["colleagues"]), representatives=lines(given["representatives"]), phone=phone,
            name=given["name"], contact={"phone": phone} if phone else None,
        )  # fmt: skip

    def person(self, number: str, name: str) -> Person | None:
        """The person of the register with this document and name; somebody else's number links nobody."""
        if not number:
            return None
        rows = Person.objects.everywhere(reason="exact look-up by a document that the person shows")
        found = rows.filter(id_index=identity_index("01", number)).select_related("account").first()
        return found if found is not None and found.name == name else None

    def union(self, person: Person | None, employer: Employer | None) -> Organisation:
        """The union that takes it if the actor files for it; else his own highest desk below it."""
        found = acts.union_for(person, employer)
        if found is not None and self.actor.may(OPEN, *found.paths):
            return found
        own = Organisation.objects.all().visible_to(self.access, to=OPEN).active()
        mine = own.order_by("level", "path").first()
        if mine is None:
            raise Refused("您的范围里没有可以受理的工会。")
        return mine

    def done(self) -> HttpResponseBase:
        messages.success(self.request, f"已登记，编号 {self.result.number}。")
        return redirect("desk_case", self.result.number)

    def context(self) -> dict[str, Any]:
        return {
            "heading": "登记劳动争议",
            "lead": "情况只录一次：受理、调解、移送、文书都从这里取。",
            "submit": "登记",
            "back": reverse("desk_disputes"),
            "tabs": tabs("desk_disputes", self.access),
        }
