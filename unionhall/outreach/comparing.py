"""Meetings and documents of a year's months against the same months of the year before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.scope import Access
from unionhall.organisations.models import Organisation
from unionhall.organisations.subtrees import Subtree

from .models import OfficeMonth
from .rules.visiting import reduction

VIEW = "outreach.view"


@dataclass(frozen=True)
class Compared:
    """One kind of paper: this year's and last year's sum over the months that both have, and the index."""

    label: str
    unit: str
    this: int
    last: int
    wanted: Decimal

    @property
    def index(self) -> Decimal | None:
        return reduction(self.this, self.last)

    @property
    def words(self) -> str:
        if self.index is None:
            return "没有上年同期，无法比较"
        share = f"{abs(self.index) * 100:.1f}%"
        return f"减少 {share}" if self.index >= 0 else f"增加 {share}"

    @property
    def reached(self) -> bool | None:
        if not self.wanted or self.index is None:
            return None
        return self.index >= self.wanted


@dataclass(frozen=True)
class Month:
    """A month with that of the year before; None where nothing was entered."""

    month: date
    meetings: int | None
    documents: int | None
    meetings_before: int | None
    documents_before: int | None

    @property
    def is_whole(self) -> bool:
        return self.meetings is not None and self.meetings_before is not None


def months(organisation: Organisation, access: Access, year: int, *, below: bool = False) -> list[Month]:
    """The year's months up to now of the union, or of all its subtree (`below`); one statement.

    Below, only pairs count: a union that entered this month and not the one of the year before shrinks nothing.
    """
    rows = OfficeMonth.objects.visible_to(access, to=VIEW)
    rows = rows.filter(month__year__in=(year - 1, year))
    rows = rows.filter(Subtree(organisation).q("organisation") if below else Q(organisation=organisation))
    found: dict[tuple[int, int], dict[int, tuple[int, int]]] = {}
    for union, month, meetings, documents in rows.values_list(
        "organisation_id", "month", "meetings", "documents"
    ):
        found.setdefault((month.year, month.month), {})[union] = (meetings, documents)
    today = timezone.localdate()
    last = today.month if year == today.year else 12
    return [
        _month(date(year, one, 1), found.get((year, one), {}), found.get((year - 1, one), {}), pairs=below)
        for one in range(1, last + 1)
    ]


def _month(
    month: date, this: dict[int, tuple[int, int]], before: dict[int, tuple[int, int]], *, pairs: bool
) -> Month:
    """`pairs`: only of the unions that entered both."""
    if pairs:
        both = this.keys() & before.keys()
        this, before = {pk: this[pk] for pk in both}, {pk: before[pk] for pk in both}
    now, then = _sum(this.values()), _sum(before.values())
    return Month(month, now[0], now[1], then[0], then[1])


def _sum(found: Iterable[tuple[int, int]]) -> tuple[int | None, int | None]:
    rows = list(found)
    if not rows:
        return None, None
    return sum(one[0] for one in rows), sum(one[1] for one in rows)


def compared(
    found: list[Month], *, meetings_cut: Decimal = Decimal(0), documents_cut: Decimal = Decimal(0)
) -> tuple[Compared, Compared]:
    """Meetings, and documents, over the months that both years have."""
    both = [one for one in found if one.is_whole]
    return (
        Compared(
            "会议", "次", sum(one.meetings or 0 for one in both), sum(one.meetings_before or 0 for one in both),
            meetings_cut,
        ),
        Compared(
            "文件简报", "份", sum(one.documents or 0 for one in both),
            sum(one.documents_before or 0 for one in both), documents_cut,
        ),
    )  # fmt: skip
