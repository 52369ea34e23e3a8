"""A statement as both sides see it: counted by service, and every redemption in a file."""

import csv
import io
from typing import Any

from django.db.models import Count, Sum
from django.http import HttpResponse
from django.utils import timezone

from unionhall.foundation.views import download
from unionhall.kit.media import CSV
from unionhall.kit.money import yuan
from unionhall.kit.text import safe_cell

from ..models import Reconciliation, Redemption

TONES = {"open": "warn", "disputed": "bad", "agreed": "warn", "confirmed": "ok"}
_WHY = "redemptions of a statement that the reader may open"


def details(found: Reconciliation) -> dict[str, Any]:
    """Counts and sums by service, in one statement."""
    rows = Redemption.objects.everywhere(reason=_WHY).filter(reconciliation=found)
    lines = rows.values("service__code", "service__title", "service__kind", "reimbursed")
    return {
        "lines": [
            {
                "code": one["service__code"], "title": one["service__title"],
                "kind": "免费" if one["service__kind"] == "free" else "优惠",
                "each": one["reimbursed"], "count": one["n"], "amount": one["total"],
            }
            for one in lines.annotate(n=Count("pk"), total=Sum("reimbursed")).order_by("service__code")
        ],
        "tone": TONES[found.state],
        "tiles": [
            {"label": "核销", "value": found.count, "unit": "次"},
            {"label": "其中免费", "value": found.free, "unit": "次"},
            {"label": "以前月份补传", "value": found.late, "unit": "次"},
            {"label": "工会应付", "value": yuan(found.amount), "unit": "元"},
        ],
    }  # fmt: skip


def export(found: Reconciliation) -> HttpResponse:
    """CSV with the mark by which spreadsheets know UTF-8; of each voucher only the end of its code."""
    rows = Redemption.objects.everywhere(reason=_WHY).filter(reconciliation=found)
    out = io.StringIO()
    sheet = csv.writer(out)
    sheet.writerow(["核销时间", "服务编号", "服务", "网点", "券码后三位", "方式", "工会承担（元）"])
    for one in rows.select_related("service", "outlet", "voucher").order_by("pk").iterator(chunk_size=2000):
        place = one.outlet.name if one.outlet is not None else ""
        texts = [one.service.code, one.service.title, place, one.voucher.code[-3:]]
        at = f"{timezone.localtime(one.at):%Y-%m-%d %H:%M:%S}"
        sheet.writerow(
            [at, *(safe_cell(text) for text in texts), one.get_channel_display(), f"{one.reimbursed:.2f}"]
        )
    sheet.writerow(["合计", "", "", "", "", f"{found.count} 次", f"{found.amount:.2f}"])
    name = f"对账单-{found.merchant_id}-{found.month:%Y%m}.csv"
    return download(out.getvalue().encode("utf-8-sig"), name, CSV)
