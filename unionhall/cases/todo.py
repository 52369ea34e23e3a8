"""Cases in the one to-do list: what the reader owns, and what nobody owns yet where he assigns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.todo import Steps, Todo, ask, register
from unionhall.organisations.kinds import Kind, Level
from unionhall.organisations.models import Organisation

from . import inbox
from .indicators.aid import with_lawyer_away
from .models import Case, Instalment, LegalAidBody, Mediation, Referral
from .todo_incidents import of_incidents, of_parts, of_supervision


def of_cases(request: HttpRequest) -> Steps:
    """My open cases of all kinds, the late ones apart: the index by owner answers."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("cases.open"):
        return
    late = Q(due_at__lt=timezone.now())
    rows = Case.objects.visible_to(access).open().filter(owner=access.account_id)
    found = yield ask(rows, late=Count("pk", filter=late), whole=Count("pk"))
    url = f"{reverse('desk_cases')}?owner=mine"
    yield Todo("我承办的案件：已逾期", found["late"], f"{url}&light=red", hot=True, order=5)
    yield Todo("我承办的案件", found["whole"] - found["late"], url, order=6)


def without_owner(request: HttpRequest) -> Steps:
    """For those who assign: what has no owner yet."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("cases.assign"):
        return
    rows = Case.objects.visible_to(access).open().filter(owner=None)
    found = yield ask(rows, most=inbox.MOST_COUNTED)
    yield Todo("案件还没有分派", found["all"], f"{reverse('desk_cases')}?owner=none", order=7)


def of_aid(request: HttpRequest) -> Steps:
    """Legal aid to decide, to assign, to close, and limits about to run out; one statement."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("cases.aid_handle"):
        return
    today, url = timezone.localdate(), reverse("desk_aid")
    rows = Case.objects.visible_to(access, to="cases.aid_handle").open().filter(kind="legal_aid")
    limit = Q(legal_aid__expires_on__range=(today, today + timedelta(days=7)), legal_aid__outcome="")
    found = yield ask(
        rows,
        limit=Count("pk", filter=limit),
        decide=Count("pk", filter=Q(state="applied")),
        assign=Count("pk", filter=Q(state="granted")),
        close=Count("pk", filter=Q(state="reported")),
        objected=Count("pk", filter=Q(state="objected")),
        away=Count("pk", filter=with_lawyer_away()),
    )
    yield Todo("时效七天内届满，可先行援助", found["limit"], f"{url}?state=open&due=limit", hot=True, order=8)
    yield Todo("法律援助待审查", found["decide"], f"{url}?state=applied", order=8)
    yield Todo("法律援助待指派律师", found["assign"], f"{url}?state=granted", order=8)
    yield Todo("法律援助待审核结案", found["close"], f"{url}?state=reported", order=9)
    yield Todo("承办律师休假的法律援助", found["away"], f"{url}?figure=away", order=9)
    yield Todo("法律援助异议待复核", found["objected"], f"{url}?state=objected", order=9)


def of_aid_bodies(request: HttpRequest) -> Steps:
    """Unions of county level and above that have no open aid body (any more); one statement."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("cases.lawyers_edit"):
        return
    rows = Organisation.objects.visible_to(access, to="cases.lawyers_edit").active()
    bodies = LegalAidBody.objects.everywhere(reason="whether a union has an open body")
    mine = bodies.filter(organisation=OuterRef("pk"))
    found = yield ask(
        rows.filter(kind=Kind.FEDERATION, level__lte=Level.COUNTY),
        closed=Count("pk", filter=Exists(mine) & ~Exists(mine.open_on(timezone.localdate()))),
        none=Count("pk", filter=~Exists(mine)),
    )
    url = reverse("desk_aid_bodies")
    yield Todo("法律援助机构停止服务，没有接替", found["closed"], url, unit="个", hot=True, order=30)
    yield Todo("还没有法律援助机构的工会", found["none"], url, unit="个", order=31)


def _handled(access: Any) -> Any:
    """Disputes that the reader handles, as a subquery."""
    return (
        Case.objects.all().visible_to(access, to="cases.disputes_handle").filter(kind="dispute").values("pk")
    )


def of_answers(request: HttpRequest) -> Steps:
    """What partners answered and nobody took note of yet."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("cases.disputes_handle"):
        return
    rows = Referral.objects.everywhere(reason="of cases that the reader handles").filter(
        case__in=_handled(access)
    )
    found = yield ask(rows.filter(state="replied", ended_at=None))
    yield Todo("联动单位已答复，待办结", found["all"], f"{reverse('desk_referrals')}?state=replied", order=12)


def of_payments(request: HttpRequest) -> Steps:
    """Agreements whose payment did not come in time."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("cases.disputes_handle"):
        return
    rows = Instalment.objects.everywhere(reason="of cases that the reader handles").filter(
        agreement__case__in=_handled(access), agreement__state="effective", paid_on=None,
        due_on__lt=timezone.localdate(),
    )  # fmt: skip
    found = yield ask(rows, all=Count("agreement", distinct=True))
    yield Todo("调解协议到期未付", found["all"], f"{reverse('desk_disputes')}?due=unpaid", hot=True, order=11)


def of_partners(request: HttpRequest) -> Steps:
    """For who sits at a partner: what waits there, by light."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("cases.referrals"):
        return
    late = Q(due_at__lt=timezone.now())
    found = yield ask(
        Referral.objects.all().of_seat(access),
        late=Count("pk", filter=late & Q(state__in=["sent", "accepted"])),
        sent=Count("pk", filter=Q(state="sent") & ~late),
        accepted=Count("pk", filter=Q(state="accepted") & ~late),
    )  # fmt: skip
    url = reverse("partner_referrals")
    yield Todo("转来的案件：已超期", found["late"], url, hot=True, order=1)
    yield Todo("转来的案件：等待接收", found["sent"], url, order=2)
    yield Todo("转来的案件：办理中", found["accepted"], url, order=3)


def of_mediators(request: HttpRequest) -> Steps:
    """For a mediator: his open cases, overdue first."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("cases.mediate"):
        return
    late = Q(case__due_at__lt=timezone.now())
    rows = Mediation.objects.all().of_mediator(access)
    found = yield ask(rows, late=Count("pk", filter=late), rest=Count("pk", filter=~late))
    url = reverse("partner_mediations")
    yield Todo("我的调解：已超期", found["late"], url, hot=True, order=1)
    yield Todo("我的调解", found["rest"], url, order=2)


register(of_cases, without_owner, of_answers, of_payments, of_partners, of_mediators, of_aid, of_aid_bodies)
register(of_incidents, of_supervision, of_parts)
