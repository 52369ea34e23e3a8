from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unionhall.kit.dates import chinese_date, parse_date
from unionhall.kit.faults import Fault, IdentifierError
from unionhall.kit.periods import Period, age_on, as_of, has_overlap, months_after, years_after
from unionhall.kit.workdays import Calendar, deadline_state, published_days

PUBLISHED = Calendar({entry.day: entry.is_workday for entry in published_days()})
days = st.dates(date(1990, 1, 1), date(2060, 12, 31))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019-3-1", 1), ("2019/03/01", 1), ("2019.3.1", 1), ("2019年3月1日", 1), ("2019 年 3 月 1 日", 1),
        ("2019年3月1号", 1), ("20190301", 1), ("43525", 1), ("43525.0", 1), ("43525.73", 1), ("20190302.0", 2),
        ("2019-03-02 00:00:00", 2), ("2019-03-02T08:30:00Z", 2), ("2019/3/2 8:30", 2), ("２０１９．３．２", 2),
    ],
)  # fmt: skip
def test_dates_are_read(text: str, day: int) -> None:
    found = parse_date(text)
    assert (found.value, found.month_only) == (date(2019, 3, day), False)


@pytest.mark.parametrize("text", ["2019年3月", "201903", "2019-3", "2019/03", "2019.03", "2019.3"])
def test_months_are_read_as_their_first_day(text: str) -> None:
    found = parse_date(text)
    assert (found.value, found.month_only) == (date(2019, 3, 1), True)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", Fault.DATE_EMPTY),
        ("2019", Fault.DATE_YEAR_ONLY),
        ("2019年", Fault.DATE_YEAR_ONLY),
        ("2019.0", Fault.DATE_YEAR_ONLY),
        ("19-3-1", Fault.DATE_FORM),
        ("3/1/2019", Fault.DATE_FORM),
        ("去年三月", Fault.DATE_FORM),
        ("2019-02-29", Fault.DATE_IMPOSSIBLE),
        ("201913", Fault.DATE_IMPOSSIBLE),
        ("1899-12-31", Fault.DATE_RANGE),
        ("2101-01-01", Fault.DATE_RANGE),
        ("99999", Fault.DATE_RANGE),
    ],
)
def test_dates_refused(text: str, fault: Fault) -> None:
    with pytest.raises(IdentifierError) as caught:
        parse_date(text)
    assert caught.value.code is fault


@given(st.dates(date(1927, 5, 19), date(2100, 12, 31)))
def test_every_writing_of_a_day_is_the_same_day(day: date) -> None:
    serial = str((day - date(1899, 12, 30)).days)
    for text in (
        day.isoformat(),
        chinese_date(day),
        f"{day:%Y%m%d}",
        f"{day.year}.{day.month}.{day.day}",
        serial,
    ):
        assert parse_date(text).value == day


def test_a_period_is_half_open() -> None:
    year = Period(date(2025, 1, 1), date(2026, 1, 1))
    assert date(2025, 1, 1) in year
    assert date(2026, 1, 1) not in year
    assert year.days == 365
    assert Period(date(2025, 1, 1)).days is None
    assert date(2999, 1, 1) in Period(date(2025, 1, 1))
    with pytest.raises(ValueError, match="end after"):
        Period(date(2025, 1, 1), date(2025, 1, 1))


def test_adjoining_periods_do_not_overlap_and_running_ones_do() -> None:
    first, second = Period(date(2025, 1, 1), date(2025, 7, 1)), Period(date(2025, 7, 1))
    assert not has_overlap([second, first])
    assert has_overlap([first, second, Period(date(2025, 6, 30), date(2025, 7, 1))])
    assert first.intersection(second) is None
    assert second.intersection(Period(date(2024, 1, 1))) == second
    assert second.closed_on(date(2026, 1, 1)).bounds == (date(2025, 7, 1), date(2026, 1, 1))
    assert first.closed_on(date(2026, 1, 1)) == first
    assert as_of(date(2025, 8, 1), [(first, "a"), (second, "b")]) == "b"
    assert as_of(date(2024, 8, 1), [(first, "a"), (second, "b")]) is None


def test_anniversaries_end_with_the_month() -> None:
    assert months_after(date(2025, 1, 31), 1) == date(2025, 2, 28)
    assert months_after(date(2025, 1, 31), -2) == date(2024, 11, 30)
    assert years_after(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert years_after(date(2024, 2, 29), 4) == date(2028, 2, 29)


def test_age_counts_full_years() -> None:
    assert age_on(date(1990, 3, 7), date(2026, 3, 6)) == 35
    assert age_on(date(1990, 3, 7), date(2026, 3, 7)) == 36
    with pytest.raises(ValueError, match="before the birth"):
        age_on(date(1990, 3, 7), date(1990, 3, 6))


@given(days, st.integers(0, 100))
def test_age_is_reached_on_the_anniversary(birth: date, years: int) -> None:
    assert age_on(birth, years_after(birth, years)) == years


def test_the_spring_festival_of_2026_is_skipped() -> None:
    # Days off 15–23 February, working Saturdays on 14 and 28 February (国办发明电〔2025〕7号).
    assert PUBLISHED.add_working_days(date(2026, 2, 13), 2) == date(2026, 2, 24)
    assert PUBLISHED.working_days_between(date(2026, 2, 13), date(2026, 2, 24)) == 2
    assert PUBLISHED.next_working_day(date(2026, 2, 15)) == date(2026, 2, 24)
    assert PUBLISHED.add_working_days(date(2026, 2, 24), -1) == date(2026, 2, 14)


def test_published_days_are_named_in_chinese_and_in_order() -> None:
    entries = list(published_days())
    assert [entry.day for entry in entries] == sorted({entry.day for entry in entries})
    assert all(entry.name and not entry.name.isascii() for entry in entries)
    assert any(entry.is_workday and entry.name == "春节调休上班" for entry in entries)


@given(days, st.integers(-60, 60))
def test_adding_and_counting_agree(start: date, count: int) -> None:
    end = PUBLISHED.add_working_days(start, count)
    if count > 0:
        assert PUBLISHED.is_working_day(end)
        assert PUBLISHED.working_days_between(start, end) == count
    elif count == 0:
        assert end == start
    else:
        assert PUBLISHED.is_working_day(end)
        assert end < start


def test_a_calendar_without_working_days_is_refused() -> None:
    start = date(2025, 1, 1)
    closed = Calendar({start + timedelta(days=offset): False for offset in range(5000)})
    with pytest.raises(ValueError, match="no working days"):
        closed.add_working_days(start, 1)


@pytest.mark.parametrize(
    ("today", "colour", "left"),
    [
        (date(2025, 6, 6), "green", 5),
        (date(2025, 6, 9), "green", 4),
        (date(2025, 6, 10), "amber", 3),
        (date(2025, 6, 13), "amber", 0),
        (date(2025, 6, 14), "red", -1),
        (date(2025, 6, 16), "red", -1),
        (date(2025, 6, 17), "red", -2),
    ],
)
def test_the_traffic_light(today: date, colour: str, left: int) -> None:
    assert deadline_state(date(2025, 6, 13), today, Calendar()) == (colour, left)
