"""When a place is open: its week, its exceptions, the holiday table. Pure: now is an argument.

An exception of a day goes before everything. A place that keeps the holidays is shut on a public holiday, and on a
make-up working day (调休上班) open like on a Monday, because the table does not say which weekday is made up.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise

#: A stretch of a day: from, up to but not including.
Stretch = tuple[time, time]
MONDAY, _SATURDAY = 0, 5
_DAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
#: How many days ahead the next opening is looked for; the longest holiday is nine.
AHEAD = 15


@dataclass(frozen=True)
class Week:
    """What a place says about its opening. `exceptions`: day → its stretches, none when shut."""

    hours: Mapping[int, Sequence[Stretch]]
    exceptions: Mapping[date, Sequence[Stretch]] = field(default_factory=dict)
    open_on_holidays: bool = False


@dataclass(frozen=True)
class Opening:
    """Whether it is open now, until when, or when next; `words` say it."""

    is_open: bool
    at: datetime | None
    words: str


def weekday_of(day: date, holidays: Mapping[date, bool], *, open_on_holidays: bool) -> int | None:
    """Whose hours hold on a day: a weekday's, or None for a holiday that is kept."""
    if open_on_holidays or day not in holidays:
        return day.weekday()
    if not holidays[day]:
        return None
    return day.weekday() if day.weekday() < _SATURDAY else MONDAY


def stretches(week: Week, day: date, holidays: Mapping[date, bool]) -> Sequence[Stretch]:
    """When it is open on a day, in order."""
    if day in week.exceptions:
        return sorted(week.exceptions[day])
    weekday = weekday_of(day, holidays, open_on_holidays=week.open_on_holidays)
    return [] if weekday is None else sorted(week.hours.get(weekday, ()))


def opening(week: Week, now: datetime, holidays: Mapping[date, bool]) -> Opening:
    """Whether it is open at a moment (local time), and what comes next."""
    clock = now.time()
    for opens, closes in stretches(week, now.date(), holidays):
        if opens <= clock < closes:
            return Opening(True, _at(now, now.date(), closes), f"正在开放，{closes:%H:%M} 关门")
    for ahead in range(AHEAD):
        day = now.date() + timedelta(days=ahead)
        for opens, _ in stretches(week, day, holidays):
            if ahead or opens > clock:
                return Opening(
                    False, _at(now, day, opens), f"现在关门，{_day(day, ahead)} {opens:%H:%M} 开门"
                )
    return Opening(False, None, "没有公布开放时间" if not week.hours else "近期不开放")


def _at(now: datetime, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=now.tzinfo)


def _day(day: date, ahead: int) -> str:
    if ahead <= 1:
        return ("今天", "明天")[ahead]
    return _DAYS[day.weekday()] if ahead < 7 else f"{day.month} 月 {day.day} 日"


def week_words(hours: Mapping[int, Sequence[Stretch]]) -> list[tuple[str, str]]:
    """周一至周五 09:00–12:00，14:00–17:30: neighbouring days alike are said together, every day is named."""
    said = [_said(hours.get(day, ())) for day in range(7)]
    found: list[tuple[str, str]] = []
    first = 0
    for day in range(1, 8):
        if day == 7 or said[day] != said[first]:
            last = day - 1
            found.append((_DAYS[first] if first == last else f"{_DAYS[first]}至{_DAYS[last]}", said[first]))
            first = day
    return found


def _said(day: Collection[Stretch]) -> str:
    return "，".join(f"{opens:%H:%M}–{closes:%H:%M}" for opens, closes in sorted(day)) or "休息"


class Unreadable(ValueError):
    """Opening hours that cannot be read; the message (Chinese) says how to write them."""


_STRETCH = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~至到]\s*(\d{1,2})[:：](\d{2})")
_BETWEEN = re.compile(r"[，,、;；\s和]+")
_DAYS_SAID = re.compile(r"^(周[一二三四五六日]|每天)(?:[至到\-–—]周([一二三四五六日]))?\s*")


def parse_day(text: str) -> list[Stretch]:
    """09:00-12:00，14:00-17:30 → its stretches; nothing, or 休息, is shut. Raises Unreadable."""
    found: list[Stretch] = []
    rest = text.strip()
    if rest in ("", "休息", "不开放"):
        return found
    compact = _STRETCH.sub(lambda one: one.group().replace(" ", ""), rest)
    for piece in filter(None, _BETWEEN.split(compact)):
        read = _STRETCH.fullmatch(piece)
        if read is None:
            raise Unreadable(f"“{piece[:20]}”看不懂，请写成 09:00-12:00，14:00-17:30")
        try:
            opens, closes = (time(int(read[at]), int(read[at + 1])) for at in (1, 3))
        except ValueError:
            raise Unreadable(f"“{piece[:20]}”不是钟点，请写成 09:00-17:30") from None
        if closes <= opens:
            raise Unreadable(f"“{piece[:20]}”的关门时间要晚于开门时间")
        found.append((opens, closes))
    found.sort()
    if any(after[0] < before[1] for before, after in pairwise(found)):
        raise Unreadable("两段时间重叠了")
    return found


def parse_week(text: str) -> dict[int, list[Stretch]]:
    """周一至周五 09:00-17:30；周六 09:00-12:00 → weekday → stretches; days not named are shut. Raises Unreadable."""
    found: dict[int, list[Stretch]] = {}
    for part in filter(None, (piece.strip() for piece in re.split(r"[;；\n]", text))):
        said = _DAYS_SAID.match(part)
        if said is None:
            raise Unreadable(f"“{part[:20]}”看不懂，请写成 周一至周五 09:00-17:30；周六 09:00-12:00")
        if said[1] == "每天":
            first, last = 0, 6
        else:
            first = _DAYS.index(said[1])
            last = _DAYS.index(f"周{said[2]}") if said[2] else first
        stretches = parse_day(part[said.end() :])
        for day in range(first, last + 1):
            if stretches:
                found[day] = stretches
    return found


def week_text(hours: Mapping[int, Sequence[Stretch]]) -> str:
    """The week in one line, as `parse_week` reads it."""
    rows = [(days, words) for days, words in week_words(hours) if words != "休息"]
    return "；".join(f"{days} {words.replace('–', '-')}" for days, words in rows)
