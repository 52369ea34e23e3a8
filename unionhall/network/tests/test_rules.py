"""Opening, distance, states and acceptance: pure."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unionhall.network.rules import distance, opening, standards, states
from unionhall.network.rules.opening import Stretch, Unreadable, Week

NINE_TO_FIVE = {day: [(time(9), time(12)), (time(14), time(17))] for day in range(5)}
#: 2026-02-16 to 02-23 off, 02-14 (a Saturday) worked: New Year of that shape.
HOLIDAYS = {date(2026, 2, 14): True} | {date(2026, 2, 16) + timedelta(days=n): False for n in range(8)}


def said(when: tuple[int, ...], week: Week | None = None) -> opening.Opening:
    moment = datetime(*when, tzinfo=UTC)  # type: ignore[misc, arg-type]  # year, month, day, hour, minute
    return opening.opening(week or Week(NINE_TO_FIVE), moment, HOLIDAYS)


def test_open_until_the_break_and_again_after_it() -> None:
    assert said((2026, 3, 4, 11, 59)).words == "正在开放，12:00 关门"
    assert said((2026, 3, 4, 12, 0)).words == "现在关门，今天 14:00 开门"
    assert said((2026, 3, 4, 17, 0)).words == "现在关门，明天 09:00 开门"
    assert said((2026, 3, 6, 18, 0)).words == "现在关门，周一 09:00 开门"


def test_a_holiday_is_kept_and_a_made_up_saturday_is_a_monday() -> None:
    assert not said((2026, 2, 17, 10)).is_open
    assert said((2026, 2, 17, 10)).words == "现在关门，2 月 24 日 09:00 开门"
    assert said((2026, 2, 14, 10)).is_open
    always = Week(NINE_TO_FIVE, {}, open_on_holidays=True)
    assert said((2026, 2, 17, 10), always).is_open
    assert not said((2026, 2, 14, 10), always).is_open


def test_an_exception_goes_before_week_and_holiday() -> None:
    week = Week(NINE_TO_FIVE, {date(2026, 2, 17): [(time(10), time(11))], date(2026, 3, 4): []})
    assert said((2026, 2, 17, 10, 30), week).is_open
    assert said((2026, 3, 4, 10), week).words == "现在关门，明天 09:00 开门"


def test_what_says_nothing_says_so() -> None:
    assert said((2026, 3, 4, 10), Week({})).words == "没有公布开放时间"


#: Stretches of an hour and a half that begin at even hours: they never meet.
days = st.sets(st.integers(0, 11), max_size=4).map(
    lambda hours: [(time(2 * one), time(2 * one + 1, 30)) for one in sorted(hours)]
)


@given(st.dictionaries(st.integers(0, 6), days))
def test_a_week_is_read_as_it_is_written(week: dict[int, list[Stretch]]) -> None:
    week = {day: pieces for day, pieces in week.items() if pieces}
    assert opening.parse_week(opening.week_text(week)) == week


@pytest.mark.parametrize(
    "text", ["9点到5点", "09:00", "25:00-26:00", "17:00-09:00", "09:00-12:00，11:00-13:00"]
)
def test_hours_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        opening.parse_day(text)


@given(st.floats(-60, 60), st.floats(-170, 170), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
def test_what_is_near_lies_in_the_box(lat: float, lon: float, north: float, east: float) -> None:
    metres = distance.distance_m(lat, lon, lat + north, lon + east)
    around = distance.box(lat, lon, (metres + 1) / 1000)
    assert around.south <= lat + north <= around.north
    assert around.west <= lon + east <= around.east


def test_winds_and_metres_in_words() -> None:
    winds = [
        distance.direction(30, 114, 30 + n, 114 + e) for n, e in ((1, 0), (1, 1), (0, 1), (-1, -1), (0, -1))
    ]
    assert winds == ["北", "东北", "东", "西南", "西"]
    assert [distance.metres_words(one) for one in (None, 850, 2449)] == ["", "850 米", "2.4 公里"]


def test_every_state_is_reached_and_left() -> None:
    reached = {one.to for one in states.MOVES if one.to} | {"planned"}
    left = set().union(*(one.before for one in states.MOVES))
    assert reached == left == {
        "planned", "building", "accepted", "operating", "upgraded", "demonstration", "suspended",
    }  # fmt: skip
    assert {one.code for one in states.MOVES if one.by_superior} == {"accept", "name", "unname"}


def test_an_area_is_judged_by_the_register_never_by_a_tick() -> None:
    check = standards.Check("area", "五十平方米以上", frozenset({"station"}), above_area=Decimal(50))
    for area, met in ((None, False), (Decimal(50), False), (Decimal("50.1"), True)):
        (judged,) = standards.judge([check], area=area, functions=[], seen=["area"])
        assert judged.met is met
