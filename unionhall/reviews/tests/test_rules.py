"""Due dates, pauses and lights: by example, and by property over any calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from unionhall.kit.workdays import Calendar, deadline_state
from unionhall.reviews.rules import due_date, light_bounds, resumed_due_date

START = date(2026, 1, 1)
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
days = st.integers(0, 200).map(lambda n: START + timedelta(days=n))
calendars = st.dictionaries(
    st.integers(-40, 500).map(lambda n: START + timedelta(days=n)), st.booleans(), max_size=60
).map(Calendar)


def test_a_week_of_working_days_spans_the_weekend() -> None:
    friday = date(2026, 11, 20)
    assert due_date(friday, 5, Calendar()) == date(2026, 11, 27)


def test_a_holiday_moves_the_due_date() -> None:
    holiday = Calendar({date(2026, 11, 23): False})
    assert due_date(date(2026, 11, 20), 1, holiday) == date(2026, 11, 24)


def test_a_step_has_at_least_one_day() -> None:
    with pytest.raises(ValueError, match="at least one"):
        due_date(START, 0, Calendar())


def test_a_pause_over_the_weekend_counts_its_working_days_only() -> None:
    # Due Friday 27; paused Thursday 19, completed Tuesday 24: Friday, Monday, Tuesday are given back.
    due = resumed_due_date(date(2026, 11, 27), date(2026, 11, 19), date(2026, 11, 24), Calendar())
    assert due == date(2026, 12, 2)


def test_a_pause_cannot_end_before_it_began() -> None:
    with pytest.raises(ValueError, match="a pause ends"):
        resumed_due_date(START, START, START - timedelta(days=1), Calendar())


@calm
@given(calendars, days, st.integers(1, 30), st.integers(-20, 60), st.integers(0, 60))
def test_a_pause_leaves_as_many_working_days_as_before(
    calendar: Calendar, opened: date, allowed: int, until_pause: int, length: int
) -> None:
    due = due_date(opened, allowed, calendar)
    paused = max(opened, due + timedelta(days=until_pause))
    resumed = paused + timedelta(days=length)
    moved = resumed_due_date(due, paused, resumed, calendar)
    assert calendar.working_days_between(resumed, moved) == calendar.working_days_between(paused, due)


@calm
@given(calendars, days, st.integers(1, 30), st.integers(0, 30), st.integers(0, 30), st.integers(0, 30))
def test_two_pauses_in_a_row_are_one_long_pause(
    calendar: Calendar, opened: date, allowed: int, first: int, second: int, offset: int
) -> None:
    due = due_date(opened, allowed, calendar)
    a = opened + timedelta(days=offset)
    b, c = a + timedelta(days=first), a + timedelta(days=first + second)
    twice = resumed_due_date(resumed_due_date(due, a, b, calendar), b, c, calendar)
    assert twice == resumed_due_date(due, a, c, calendar)


@calm
@given(calendars, days, st.integers(-40, 60))
def test_lights_in_sql_are_the_lights_on_the_page(calendar: Calendar, today: date, offset: int) -> None:
    due = today + timedelta(days=offset)
    assert light_bounds(today, calendar).light(due) == deadline_state(due, today, calendar).colour
