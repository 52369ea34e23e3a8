"""Figures of medical mutual aid: settlements granted this year and what they came to, where the members stand now."""

from typing import Any

from django.utils import timezone

from unionhall.indicators.registry import indicator, yuan
from unionhall.members.models import Membership

FIGURES = "organisations.figures"


def _granted(where: Any) -> Any:
    day = where.day or timezone.localdate()
    rows = Membership.objects.visible_to(where.access, to=FIGURES).filter(
        where.q("organisation", copied=True)
    )
    return rows.as_of(where.day).filter(
        person__settlements__state="matched",
        person__settlements__outcome="granted",
        person__settlements__corrected_by=None,
        person__settlements__settled_on__year=day.year,
    )


indicator(
    "benefits.medical_settlements",
    title="医疗互助理赔",
    unit="笔",
    definition="本年度结算、已同意支付医疗互助金的医保结算，更正的只计最后一次",
    list_name="desk_medical",
    private="benefits.medical",
)(_granted)
indicator(
    "benefits.medical_paid",
    title="医疗互助金",
    unit="元",
    definition="本年度结算、已同意支付的医疗互助金合计",
    list_name="desk_medical",
    measure=yuan("person__settlements__amount"),
    private="benefits.medical",
    counted_by="benefits.medical_settlements",
)(_granted)
