"""Figures of money, by the union that pays: what the bank paid in the year, how many waited, what is still due."""

from typing import Any

from django.db.models import Q
from django.utils import timezone

from unionhall.indicators.registry import indicator, subset, yuan

from .models import Commitment, Payment

FIGURES = "organisations.figures"
PAYS = "budget__organisation"


@indicator(
    "ledger.payments",
    title="当年付款",
    unit="笔",
    definition="当年 1 月 1 日至当日银行付款成功、没有退汇的笔数",
    to=PAYS,
    private="ledger.payments",
)
def paid(where: Any) -> Any:
    day = where.day or timezone.localdate()
    rows = Payment.objects.visible_to(where.access, to=FIGURES).filter(where.q(PAYS))
    done = rows.filter(state__in=[Payment.State.PAID, Payment.State.REVERSED])
    return done.filter(settled_at__date__gte=day.replace(month=1, day=1), settled_at__date__lte=day)


subset(
    "ledger.paid",
    of="ledger.payments",
    title="当年付款金额",
    unit="元",
    definition="当年 1 月 1 日至当日银行付款成功、没有退汇的金额，四舍五入到元；应收回的没有扣除",
    when=lambda where: Q(),
    measure=yuan("amount"),
    counted_by="ledger.payments",
)


@indicator(
    "ledger.waiting",
    title="排队等待预算",
    unit="笔",
    definition="审核通过、预算已用完、按提交先后排队等待的笔数（现在）",
    to=PAYS,
    private="ledger.view",
)
def waiting(where: Any) -> Any:
    rows = Commitment.objects.visible_to(where.access, to=FIGURES).filter(where.q(PAYS))
    return rows.filter(state=Commitment.State.WAITING)
