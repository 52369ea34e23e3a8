"""The catalogue as a worker reads it: what is offered to him, how near, and why (not) to him."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count

from unionhall import rulebook
from unionhall.members.models import Membership
from unionhall.network import nearness
from unionhall.rulebook import conditions, eligibility
from unionhall.rulebook.conditions import Reason
from unionhall.rulebook.versions import Version

from .models import Outlet, Service, Voucher
from .models.member_services import ServiceQuerySet
from .rules.member_services import PROGRAMME, period_key
from .schemes.member_services import MemberServices

_WHY = "the catalogue is offered to every worker; a person's own membership and vouchers"


def membership_of(person_id: int | None) -> Membership | None:
    """The open membership with its union."""
    if person_id is None:
        return None
    rows = Membership.objects.everywhere(reason=_WHY).filter(person=person_id, period__upper_inf=True)
    return rows.select_related("organisation").first()


def version_for(person_id: int | None, on: date) -> Version[MemberServices]:
    """The scheme that holds for a person: of his union's area, or the widest."""
    member = membership_of(person_id)
    return version_in(member.organisation.division if member is not None else "", on)


def version_in(division: str, on: date) -> Version[MemberServices]:
    found: Version[MemberServices] = rulebook.scheme(PROGRAMME, on=on, division=division)
    return found


def judge(service: Service, version: Version[MemberServices], person_id: int, on: date) -> tuple[Reason, ...]:
    """Why a service is meant for a person, or not: the audience's conditions, and whose members it is for."""
    audience = version.parameters.audience(service.audience)
    if audience is None:
        return (Reason(False, "这项服务的对象在现行方案里没有写明", "audience", "请向提供服务的工会咨询"),)
    known = eligibility.values([person_id], conditions.codes(audience.conditions), on).get(person_id, {})
    reasons = list(conditions.explain(audience.conditions, known, on))
    if service.audience != Service.EVERYBODY:
        union, member = service.merchant.organisation, membership_of(person_id)
        inside = member is not None and any(
            path.startswith(prefix)
            for path in (member.path, member.second_path)
            for prefix in union.paths
            if path and prefix
        )
        missing = "" if inside else f"由{union.name}向所属会员提供"
        reasons.append(Reason(inside, f"由{union.name}向所属会员提供", "union", missing))
    return tuple(reasons)


@dataclass(frozen=True)
class Quota:
    """What a person has of a service in the present period."""

    used: int
    of: int

    @property
    def left(self) -> int:
        return max(0, self.of - self.used)


def quotas(services: list[Service], person_id: int | None, on: date) -> dict[int, Quota]:
    """By service, in one statement."""
    held: dict[tuple[int, str], int] = {}
    if person_id is not None and services:
        rows = Voucher.objects.everywhere(reason=_WHY).filter(
            person=person_id, service__in=[one.pk for one in services], state__in=Voucher.LIVE
        )
        for pk, key, count in rows.values_list("service", "period_key").annotate(n=Count("pk")).order_by():
            held[pk, key] = count
    return {one.pk: Quota(held.get((one.pk, period_key(one.period, on)), 0), one.quota) for one in services}


def offered(person_id: int | None, on: date) -> ServiceQuerySet:
    """The catalogue for a person: what the unions above his own offer, and what is for all workers."""
    rows: ServiceQuerySet = Service.objects.everywhere(reason=_WHY).offered_on(on)
    member = membership_of(person_id)
    return rows.for_member(member.path, member.second_path) if member else rows.for_member("")


def near(rows: Any, latitude: float, longitude: float, km: float, to: str = "") -> Any:
    """Rows whose outlet (by `to`) is in use and within so many kilometres, with `metres` of the nearest."""
    return nearness.within(rows, latitude, longitude, km, to, is_open=True)


def outlets_of(service: Service) -> list[Outlet]:
    """Where a service is given: the outlets named for it."""
    rows = Outlet.objects.everywhere(reason=_WHY).filter(offers__service=service, is_open=True)
    return list(rows.order_by("division", "pk"))
