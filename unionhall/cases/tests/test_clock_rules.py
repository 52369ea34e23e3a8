"""When a limit ends: across New Year, working weekends and pauses, by examples and by properties."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unionhall.cases.rules.clocks import Pauses, day_of, due, end_of, is_late, paused_days, taken
from unionhall.cases.schemes.base import Unit
from unionhall.kit.workdays import Calendar, published_days

ZONE = ZoneInfo("Asia/Shanghai")
YEAR = Calendar({one.day: one.is_workday for one in published_days() if 2024 <= one.day.year <= 2026})
#: How fast a machine is says nothing about clocks.
calm = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
days = st.dates(date(2024, 1, 1), date(2026, 6, 1))
moments = st.builds(
    lambda day, second: datetime.combine(day, time(), tzinfo=ZONE) + timedelta(seconds=second),
    days,
    st.integers(0, 86_399),
)
calendars = st.dictionaries(days, st.booleans(), max_size=30).map(Calendar)
amounts = st.integers(1, 60)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("begun", "unit", "amount", "ends"),
    [
        # 2025-01-28 to 02-04 were off, Sunday 01-26 and Saturday 02-08 were worked.
        ("2025-01-24 16:00", "working_days", 1, "2025-01-26"),
        ("2025-01-24 16:00", "working_days", 3, "2025-02-05"),
        ("2025-01-24 16:00", "working_days", 6, "2025-02-08"),
        ("2024-12-31 09:00", "working_days", 1, "2025-01-02"),
        ("2024-12-25 09:00", "days", 7, "2025-01-02"),
        ("2025-02-01 09:00", "days", 7, "2025-02-08"),
        ("2024-12-20 23:59", "days", 15, "2025-01-06"),
        ("2025-03-07 00:00", "working_days", 5, "2025-03-14"),
    ],
)
def test_days_end_with_the_last_day_that_counts(begun: str, unit: Unit, amount: int, ends: str) -> None:
    assert due(at(begun), unit, amount, YEAR, ZONE) == end_of(date.fromisoformat(ends), ZONE)


def test_hours_run_through_the_night_and_the_holiday() -> None:
    assert due(at("2025-01-28 23:30"), "hours", 48, YEAR, ZONE) == at("2025-01-30 23:30")
    assert due(at("2024-12-31 23:45"), "minutes", 30, YEAR, ZONE) == at("2025-01-01 00:15")


def test_the_last_moment_is_in_time() -> None:
    last = end_of(date(2025, 1, 2), ZONE)
    assert not is_late(last, last)
    assert is_late(last, last + timedelta(microseconds=1))


@calm
@given(moments, amounts, calendars)
def test_working_days_end_on_a_working_day_and_count_exactly(
    begun: datetime, amount: int, calendar: Calendar
) -> None:
    last = day_of(due(begun, "working_days", amount, calendar, ZONE), ZONE)
    assert calendar.is_working_day(last)
    assert calendar.working_days_between(day_of(begun, ZONE), last) == amount


@calm
@given(moments, amounts, calendars)
def test_days_are_never_cut_short_and_prolonged_only_over_days_off(
    begun: datetime, amount: int, calendar: Calendar
) -> None:
    plain = day_of(begun, ZONE) + timedelta(days=amount)
    last = day_of(due(begun, "days", amount, calendar, ZONE), ZONE)
    assert last >= plain
    assert calendar.is_working_day(last)
    assert not any(calendar.is_working_day(plain + timedelta(days=n)) for n in range((last - plain).days))


@calm
@given(moments, amounts, st.integers(0, 80), st.integers(0, 60), calendars)
def test_a_pause_gives_back_what_was_left(
    begun: datetime, amount: int, wait: int, length: int, calendar: Calendar
) -> None:
    """Working days left when it was paused are the working days left when it goes on."""
    first, paused = day_of(begun, ZONE), day_of(begun, ZONE) + timedelta(days=wait)
    before = day_of(due(begun, "working_days", amount, calendar, ZONE), ZONE)
    if paused > before:
        return
    resumed = paused + timedelta(days=length)
    pauses = Pauses(days=paused_days([paused, resumed], calendar))
    after = day_of(due(begun, "working_days", amount, calendar, ZONE, pauses), ZONE)
    assert calendar.working_days_between(paused, before) == calendar.working_days_between(resumed, after)
    assert calendar.working_days_between(first, after) == amount + pauses.days


@calm
@given(moments, st.integers(0, 10**6), st.integers(0, 10**6), amounts)
def test_hours_paused_are_hours_longer(begun: datetime, wait: int, length: int, amount: int) -> None:
    paused = begun + timedelta(seconds=wait)
    spent = taken(paused, paused + timedelta(seconds=length), "hours", ZONE)
    longer = due(begun, "hours", amount, YEAR, ZONE, Pauses(seconds=spent))
    assert longer - due(begun, "hours", amount, YEAR, ZONE) == timedelta(seconds=length)


@calm
@given(moments, amounts, calendars, days)
def test_one_more_day_off_never_shortens(begun: datetime, amount: int, calendar: Calendar, day: date) -> None:
    more = Calendar({**calendar.holidays, day: False})
    for unit in ("days", "working_days"):
        before = due(begun, unit, amount, calendar, ZONE)
        after = due(begun, unit, amount, more, ZONE)
        assert after >= before
        if day_of(begun, ZONE) >= day or day > day_of(before, ZONE):
            assert after == before


@calm
@given(moments, amounts, st.lists(st.integers(0, 20), min_size=2, max_size=6), calendars)
def test_two_pauses_are_their_sum(begun: datetime, amount: int, steps: list[int], calendar: Calendar) -> None:
    day, marks = day_of(begun, ZONE), []
    for step in steps[: len(steps) // 2 * 2]:
        day += timedelta(days=step)
        marks.append(day)
    whole = paused_days(marks, calendar)
    assert whole == sum(paused_days(marks[n : n + 2], calendar) for n in range(0, len(marks), 2))
    assert due(begun, "working_days", amount, calendar, ZONE, Pauses(days=whole)) >= due(
        begun, "working_days", amount, calendar, ZONE
    )
