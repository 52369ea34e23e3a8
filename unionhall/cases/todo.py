"""Cases in the one to-do list: what the reader owns, and what nobody owns yet where he assigns. One statement."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.models import working_calendar
from unionhall.foundation.todo import Todo, register
from unionhall.organisations.kinds import Kind, Level
from unionhall.organisations.models import Organisation

from . import inbox
from .models import Case, LegalAidBody


def of_cases(request: HttpRequest) -> Iterable[Todo]:
    """My open cases by light. Cases of all kinds: the index by owner answers."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("cases.open"):
        return
    bounds = inbox.Bounds.at(timezone.now(), working_calendar())
    rows = Case.objects.visible_to(access).open().filter(owner=access.account_id)
    found = rows.aggregate(
        late=Count("pk", filter=bounds.light("red")),
        soon=Count("pk", filter=bounds.light("amber")),
        rest=Count("pk", filter=~bounds.light("red") & ~bounds.light("amber")),
    )
    url = f"{reverse('desk_cases')}?owner=mine"
    yield Todo("我承办的案件：已逾期", found["late"], f"{url}&light=red", hot=True, order=5)
    yield Todo("我承办的案件：临期", found["soon"], f"{url}&light=amber", order=5)
    yield Todo("我承办的案件", found["rest"], url, order=6)


def without_owner(request: HttpRequest) -> Iterable[Todo]:
    """For those who assign: what has no owner yet."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("cases.assign"):
        return
    rows = inbox.visible(access).open().filter(owner=None)
    yield Todo("案件还没有分派", inbox.bounded(rows), f"{reverse('desk_cases')}?owner=none", order=7)


def of_aid(request: HttpRequest) -> Iterable[Todo]:
    """Legal aid to decide, to assign, to close, and limits about to run out; one statement."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("cases.aid_handle"):
        return
    today, url = timezone.localdate(), reverse("desk_aid")
    rows = Case.objects.visible_to(access, to="cases.aid_handle").open().filter(kind="legal_aid")
    limit = Q(legal_aid__expires_on__range=(today, today + timedelta(days=7)), legal_aid__outcome="")
    found = rows.aggregate(
        limit=Count("pk", filter=limit),
        decide=Count("pk", filter=Q(state="applied")),
        assign=Count("pk", filter=Q(state="granted")),
        close=Count("pk", filter=Q(state="reported")),
        objected=Count("pk", filter=Q(state="objected")),
    )
    yield Todo("时效七天内届满，可先行援助", found["limit"], f"{url}?state=open&due=limit", hot=True, order=8)
    yield Todo("法律援助待审查", found["decide"], f"{url}?state=applied", order=8)
    yield Todo("法律援助待指派律师", found["assign"], f"{url}?state=granted", order=8)
    yield Todo("法律援助待审核结案", found["close"], f"{url}?state=reported", order=9)
    yield Todo("法律援助异议待复核", found["objected"], f"{url}?state=objected", order=9)


def of_aid_bodies(request: HttpRequest) -> Iterable[Todo]:
    """Unions of county level and above that have no open aid body (any more); one statement."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("cases.lawyers_edit"):
        return
    rows = Organisation.objects.visible_to(access, to="cases.lawyers_edit").active()
    bodies = LegalAidBody.objects.everywhere(reason="whether a union has an open body")
    mine = bodies.filter(organisation=OuterRef("pk"))
    found = rows.filter(kind=Kind.FEDERATION, level__lte=Level.COUNTY).aggregate(
        closed=Count("pk", filter=Exists(mine) & ~Exists(mine.open_on(timezone.localdate()))),
        none=Count("pk", filter=~Exists(mine)),
    )
    url = reverse("desk_aid_bodies")
    yield Todo("法律援助机构停止服务，没有接替", found["closed"], url, unit="个", hot=True, order=30)
    yield Todo("还没有法律援助机构的工会", found["none"], url, unit="个", order=31)


register(of_cases, without_owner, of_aid, of_aid_bodies)
