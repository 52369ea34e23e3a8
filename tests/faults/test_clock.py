"""The machine's clock jumps: forwards over night, back by an hour. What was done stays done, and in order."""

from __future__ import annotations

import pytest

from .conftest import House

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]


def test_the_journal_is_proven_and_ordered_across_jumps(house: House) -> None:
    told = house.do("clock_jumps")
    assert told["verified"]
    assert told["in_order_of_writing"]


def test_a_card_code_outlives_a_small_jump_and_not_a_large_one(house: House) -> None:
    assert house.do("card_code_after", 20) == "valid"
    assert house.do("card_code_after", -20) == "valid"
    assert house.do("card_code_after", 3600) != "valid"


def test_work_of_today_is_refused_when_the_clock_is_behind(house: House) -> None:
    """A clock that fell back a day: what happened 'today' lies in the future now, and nothing is overwritten."""
    assert "日期不能晚于今天" in house.do("retain_with_clock_behind")
