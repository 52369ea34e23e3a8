"""Figures of 会员服务: what is offered, what was used, how it was rated."""

from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from unionhall.indicators.registry import Dimension, indicator, subset

from ..models import Rating, Redemption, Service

FIGURES = "organisations.figures"


def _category(to: str) -> Dimension:
    labels = {code: str(label) for code, label in Service.Category.choices}
    return Dimension("category", "类别", lambda where: F(f"{to}category"), labels, "category")


@indicator(
    "benefits.services",
    title="在架会员服务",
    unit="项",
    definition="签约商户在架、在期的免费或优惠服务",
    list_name="desk_services",
    list_query={"state": "offered"},
    to="merchant__organisation",
    dimensions=(_category(""),),
    public_because="a service on offer is its merchant's, whoever is paid for it",
)
def services(where: Any) -> Any:
    rows = Service.objects.visible_to(where.access, to=FIGURES).filter(where.q("merchant__organisation"))
    return rows.offered_on(where.day or timezone.localdate())


subset(
    "benefits.free_services",
    of="benefits.services",
    title="其中免费服务",
    definition="在架服务中会员不用付费的",
    when=lambda where: Q(kind=Service.Kind.FREE),
    list_query={"state": "offered", "kind": "free"},
)


@indicator(
    "benefits.redemptions",
    title="会员服务使用",
    unit="次",
    definition="商户核销的服务券，一张计一次；到当日为止累计",
    list_name="desk_services",
    to="merchant__organisation",
    dimensions=(_category("service__"),),
    private="benefits.services",
)
def redemptions(where: Any) -> Any:
    rows = Redemption.objects.visible_to(where.access, to=FIGURES).filter(where.q("merchant__organisation"))
    return rows if where.day is None else rows.filter(at__date__lte=where.day)


@indicator(
    "benefits.ratings",
    title="服务评价",
    unit="条",
    definition="使用后给出的好差评；到当日为止累计",
    list_name="desk_services",
    to="service__merchant__organisation",
    dimensions=(_category("service__"),),
    private="benefits.services",
)
def ratings(where: Any) -> Any:
    rows = Rating.objects.visible_to(where.access, to=FIGURES)
    rows = rows.filter(where.q("service__merchant__organisation"))
    return rows if where.day is None else rows.filter(at__date__lte=where.day)


subset(
    "benefits.satisfied",
    of="benefits.ratings",
    title="满意的评价",
    definition="好差评中非常满意和满意的",
    when=lambda where: Q(grade__gte=4),
)
