"""Figures of cover: covers in force, claims under way, granted and paid."""

from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from unionhall.indicators.registry import Dimension, indicator, subset, yuan
from unionhall.members.models import Membership

from ..models import CoverClaim
from ..schemes.cover import TITLES

FIGURES = "organisations.figures"
PROGRAMME = Dimension("programme", "保障", lambda where: F("programme"), TITLES, "programme")
_COVER = Dimension("programme", "保障", lambda where: F("person__covers__programme"), TITLES, "programme")


@indicator(
    "benefits.covers_in_force",
    title="保险保障",
    unit="人次",
    definition="当日在保障期内的会员，一人有几项保障计几次",
    list_name="desk_cover_people",
    dimensions=(_COVER,),
    private="benefits.cover",
)
def covers(where: Any) -> Any:
    day = where.day or timezone.localdate()
    rows = Membership.objects.visible_to(where.access, to=FIGURES).filter(
        where.q("organisation", copied=True)
    )
    return rows.as_of(where.day).filter(person__covers__period__contains=day)


@indicator(
    "benefits.cover_claims",
    title="理赔申请",
    unit="件",
    definition="已提交的保险保障理赔申请，撤回的除外",
    list_name="desk_cover_claims",
    dimensions=(PROGRAMME,),
    private="benefits.cover",
)
def claims(where: Any) -> Any:
    rows = CoverClaim.objects.visible_to(where.access, to=FIGURES).filter(where.q("organisation"))
    rows = rows.exclude(stage__in=[CoverClaim.Stage.DRAFT, CoverClaim.Stage.WITHDRAWN])
    return rows if where.day is None else rows.filter(submitted_at__date__lte=where.day)


_GRANTED = [CoverClaim.Stage.APPROVED, CoverClaim.Stage.PAID, CoverClaim.Stage.CLOSED]
subset(
    "benefits.cover_claims_open",
    of="benefits.cover_claims",
    title="审核中的理赔",
    definition="正在审核的保险保障理赔申请",
    when=lambda where: Q(stage=CoverClaim.Stage.REVIEWING),
    list_query={"stage": "reviewing"},
)
subset(
    "benefits.cover_claims_granted",
    of="benefits.cover_claims",
    title="已批准的理赔",
    definition="已批准的保险保障理赔申请，含已付款和已办结的",
    when=lambda where: Q(stage__in=_GRANTED),
)
subset(
    "benefits.cover_granted",
    of="benefits.cover_claims",
    title="理赔金额",
    unit="元",
    definition="已批准的保险保障理赔金额合计",
    when=lambda where: Q(stage__in=_GRANTED),
    measure=yuan("decision__amount"),
    counted_by="benefits.cover_claims_granted",
)
