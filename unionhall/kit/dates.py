"""Dates as rosters write them, read without guessing which of two meanings was meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from unionhall.kit.faults import Fault, IdentifierError
from unionhall.kit.text import one_line

__all__ = ["EARLIEST", "LATEST", "LooseDate", "chinese_date", "is_of_our_time", "parse_date"]

#: Days that somebody can mean: what lies outside is a slip, or a way to write "for ever".
EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)
# Day 0 of the 1900 spreadsheet calendar, counted so that serials from March 1900 on come out right.
_SERIAL_ZERO = date(1899, 12, 30)
_SERIALS = range(10_000, (LATEST - _SERIAL_ZERO).days + 1)

_CLOCK = r"(?:[ T]*\d{1,2}[:时点]\d{1,2}(?:[:分]\d{1,2}(?:\.\d+)?秒?|分)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_SPLIT = re.compile(rf"(\d{{4}})([-/.年])(\d{{1,2}})(?:[-/.月](\d{{1,2}})[日号]?{_CLOCK}|月?)", re.ASCII)
_COMPACT = re.compile(rf"(\d{{4}})(\d{{2}})(\d{{2}})?{_CLOCK}", re.ASCII)
_SERIAL = re.compile(r"(\d{5})(?:\.\d*)?", re.ASCII)
_YEAR = re.compile(r"(?:19|20)\d{2}年?", re.ASCII)
_DECIMAL = re.compile(r"(\d{4}(?:\d{2}){0,2})\.0+", re.ASCII)
_GAPS = re.compile(r" *([-/.年月日号]) *")


@dataclass(frozen=True, slots=True)
class LooseDate:
    """A day as written; `month_only` when no day was given and the first of the month stands for it."""

    value: date
    month_only: bool = False


def parse_date(text: str) -> LooseDate:
    """2019-3-1, 2019/03/01, 2019.3.1, 2019年3月1日, 2019年3月, 20190301, 201903, serial 43525.

    A time of day may follow. Raises `IdentifierError`. Two-digit years and day-first forms are refused: they have
    more than one reading.
    """
    bare = _GAPS.sub(r"\1", one_line(text).strip("'`‘’\""))
    if not bare:
        raise IdentifierError(Fault.DATE_EMPTY)
    if decimal := _DECIMAL.fullmatch(bare):
        # 2019.0 is a year saved as a number; 20190301.0 and 201903.0 are dates saved as numbers.
        bare = decimal[1]
    if _YEAR.fullmatch(bare):
        raise IdentifierError(Fault.DATE_YEAR_ONLY)
    if match := _SPLIT.fullmatch(bare):
        year, month, day = match[1], match[3], match[4]
    elif match := _SERIAL.fullmatch(bare):
        return _from_serial(int(match[1]))
    elif match := _COMPACT.fullmatch(bare):
        year, month, day = match[1], match[2], match[3]
    else:
        raise IdentifierError(Fault.DATE_FORM)
    try:
        value = date(int(year), int(month), int(day or 1))
    except ValueError:
        raise IdentifierError(Fault.DATE_IMPOSSIBLE) from None
    if not EARLIEST <= value <= LATEST:
        raise IdentifierError(Fault.DATE_RANGE)
    return LooseDate(value, month_only=day is None)


def _from_serial(serial: int) -> LooseDate:
    if serial not in _SERIALS:
        raise IdentifierError(Fault.DATE_RANGE)
    return LooseDate(_SERIAL_ZERO + timedelta(days=serial))


def is_of_our_time(day: date) -> bool:
    """Whether a day, or the day of a moment as it was typed, lies from `EARLIEST` to `LATEST`."""
    return EARLIEST.year <= day.year <= LATEST.year


def chinese_date(day: date) -> str:
    """2019年3月1日, for documents."""
    return f"{day.year}年{day.month}月{day.day}日"
