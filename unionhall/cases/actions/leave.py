"""Days on which one of a roster is away: mediators and lawyers alike."""

from __future__ import annotations

from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange

from unionhall.foundation.errors import Refused
from unionhall.kit.dates import is_of_our_time
from unionhall.kit.periods import years_after

LONGEST = 2


def days_away(begins: date, ends: date) -> DateRange:
    """Both days and those between. Refused when it ends before it begins, or lasts longer than `LONGEST` years.

    Without that limit 长期 is written as 9999-12-31: of such a range the database answers a day that is none in Python.
    """
    if ends < begins:
        raise Refused("结束日期不能早于开始日期。", "ends")
    if not is_of_our_time(ends) or ends > years_after(begins, LONGEST):
        raise Refused(f"一次最长登记 {LONGEST} 年，到期再登记。不再担任的，请登记解聘。", "ends")
    return DateRange(begins, ends, "[]")
