"""Figures of legal aid: decided and assigned in time, closed, recovered, rated; coverage of bodies; firms served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from unionhall.indicators.registry import Dimension, indicator, subset, yuan
from unionhall.organisations.kinds import Kind, Level
from unionhall.organisations.models import Coverage, Organisation

from ..models import AidAssignment, Case, CaseClock, FirmCounsel, LegalAid, LegalAidBody
from ..schemes.aid import CAUSES

FIGURES = "organisations.figures"
_WHY = "figures over cases that the reader may see; counted, not shown"
CAUSE = Dimension("cause", "事由", lambda where: F("cause"), CAUSES, "cause")
FORM = Dimension("form", "援助方式", lambda where: F("legal_aid__form"), dict(LegalAid.Form.choices), "form")


@indicator(
    "cases.legal_aid",
    title="法律援助申请",
    unit="件",
    definition="工会受理的法律援助申请，含撤回和不予援助的；以当前为准",
    source="法律援助案件",
    list_name="desk_aid",
    dimensions=(CAUSE, FORM),
    private="cases.aid",
)
def requests(where: Any) -> Any:
    rows = Case.objects.visible_to(where.access, to=FIGURES).filter(kind="legal_aid", legal_aid__isnull=False)
    return rows.filter(where.q("organisation"))


def clock(code: str, *states: str) -> Q:
    """Cases with a run of this clock that ended so."""
    rows = CaseClock.objects.everywhere(reason=_WHY).filter(case=OuterRef("pk"), code=code, state__in=states)
    return Q(Exists(rows))


def with_lawyer_away(where: Any = None) -> Q:
    """Cases in the hands of a lawyer who is on leave today: somebody may have to take them over."""
    rows = AidAssignment.objects.everywhere(reason=_WHY).open().filter(aid__case=OuterRef("pk"))
    return Q(Exists(rows.filter(lawyer__leaves__period__contains=timezone.localdate())))


#: Conditions that the desk's list knows by the same name (`?figure=`).
FIGURES_OF: dict[str, Callable[[Any], Q]] = {
    "decided": lambda where: clock("decide", "met", "late"),
    "decided_in_time": lambda where: clock("decide", "met") & ~clock("decide", "late"),
    "assigned": lambda where: clock("assign", "met", "late"),
    "assigned_in_time": lambda where: clock("assign", "met") & ~clock("assign", "late"),
    "rated": lambda where: Q(legal_aid__rating__isnull=False),
    "satisfied": lambda where: Q(legal_aid__rating__gte=4),
    "away": with_lawyer_away,
}
for _code, _when, _title, _definition, _query in (
    (
        "open", lambda where: Q(closed_at=None), "在办法律援助", "法律援助申请中还没有办结的", {"state": "open"},
    ),
    (
        "late", lambda where: Q(closed_at=None, due_at__lt=timezone.now()), "超期的法律援助",
        "法律援助申请中没有办结、已经超过当前时限的", {"due": "late"},
    ),
    (
        "closed", lambda where: Q(state="closed"), "已结案的法律援助", "法律援助申请中律师办结、审核结案的",
        {"state": "closed"},
    ),
    *(
        (code, FIGURES_OF[code], title, definition, {"figure": code})
        for code, title, definition in (
            ("decided", "已决定的法律援助", "法律援助申请中已经作出决定的"),
            ("decided_in_time", "按时决定的法律援助", "法律援助申请中在审查期限内作出决定的，补正时间不计"),
            ("assigned", "已指派的法律援助", "法律援助申请中指派过律师的"),
            ("assigned_in_time", "按时指派的法律援助", "法律援助申请中每次都在指派期限内指派律师的"),
            ("rated", "已评价的法律援助", "法律援助申请中职工评价过的"),
            ("satisfied", "评价满意的法律援助", "法律援助申请中职工评价四分、五分的"),
        )
    ),
):  # fmt: skip
    subset(
        f"cases.legal_aid_{_code}", of="cases.legal_aid", when=_when, title=_title, definition=_definition,
        list_query=_query,
    )  # fmt: skip


@indicator(
    "cases.legal_aid_recovered",
    title="法律援助为职工挽回金额",
    unit="元",
    definition="已结案的法律援助中，律师报告、审核确认的为职工挽回的金额合计",
    source="法律援助案件",
    measure=yuan("legal_aid__recovered"),
    list_name="desk_aid",
    list_query={"state": "closed"},
    private="cases.aid",
    counted_by="cases.legal_aid_closed",
)
def recovered(where: Any) -> Any:
    return requests(where).filter(state="closed")


@indicator(
    "cases.aid_seats",
    title="县级以上工会",
    unit="个",
    definition="县级以上地方总工会，每个应当有一个法律援助机构",
    source="工会组织",
    to="",
)
def seats(where: Any) -> Any:
    rows = Organisation.objects.visible_to(where.access, to=FIGURES).active()
    return rows.filter(kind=Kind.FEDERATION, level__lte=Level.COUNTY).filter(where.q(""))


def has_body(where: Any = None) -> Q:
    bodies = LegalAidBody.objects.everywhere(reason="whether a union that is counted has a body")
    return Q(Exists(bodies.open_on(timezone.localdate()).filter(organisation=OuterRef("pk"))))


subset(
    "cases.aid_seats_covered",
    of="cases.aid_seats",
    when=has_body,
    title="已设法律援助机构的县级以上工会",
    definition="县级以上地方总工会中，有正在服务的法律援助机构的",
)


@indicator(
    "cases.firms",
    title="工会覆盖的企业",
    unit="家",
    definition="当前有工会覆盖的用人单位",
    source="覆盖单位",
    list_name="desk_counsel",
)
def firms(where: Any) -> Any:
    rows = Coverage.objects.visible_to(where.access, to=FIGURES).filter(period__contains=timezone.localdate())
    return rows.filter(where.q("organisation"))


def counselled(where: Any = None) -> Q:
    rows = FirmCounsel.objects.everywhere(reason="whether a firm that is counted has a lawyer")
    return Q(Exists(rows.in_force(timezone.localdate()).filter(employer=OuterRef("employer"))))


subset(
    "cases.firms_counselled",
    of="cases.firms",
    when=counselled,
    title="有服务律师的企业",
    definition="工会覆盖的企业中，当前有企业服务律师的",
    list_query={"served": "yes"},
)
