"""Rules by examples; every refusal names what is missing."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unionhall.members import rules

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("birth", "met", "says"),
    [
        (date(1990, 1, 1), True, "已满 16 周岁"),
        (date(2010, 11, 22), True, "已满 16 周岁"),
        (date(2010, 11, 23), False, "未满 16 周岁"),
        (date(2027, 1, 1), False, "请核对"),
        (None, True, "由工会干部核对"),
    ],
)
def test_age_of_admission(birth: date | None, met: bool, says: str) -> None:
    found = rules.old_enough(birth, TODAY)
    assert found.met is met
    assert says in found.text


@pytest.mark.parametrize(
    ("status", "allowed"), [("4", True), ("5", True), ("6", True), ("3", True), ("7", False), ("1", False)]
)
def test_retention(status: str, allowed: bool) -> None:
    assert rules.may_be_retained(status).allowed is allowed
    assert rules.may_be_retained("1", employer_bankrupt=True).allowed


@pytest.mark.parametrize(("status", "allowed"), [("1", True), ("3", False), ("4", False), ("2", True)])
def test_resumption(status: str, allowed: bool) -> None:
    assert rules.may_resume(status).allowed is allowed


@pytest.mark.parametrize(
    ("paid", "took_part", "educated", "allowed", "says"),
    [
        (date(2026, 4, 1), date(2026, 3, 1), date(2026, 10, 1), True, ""),
        (None, None, date(2026, 10, 1), True, ""),
        (date(2026, 6, 1), None, date(2026, 10, 1), False, "会费"),
        (None, date(2026, 6, 1), date(2026, 10, 1), False, "组织生活"),
        (None, None, None, False, "教育提醒"),
        (date(2026, 5, 1), None, date(2026, 4, 1), False, "教育提醒后"),
    ],
)
def test_deemed_withdrawal(
    paid: date | None, took_part: date | None, educated: date | None, allowed: bool, says: str
) -> None:
    facts = rules.SilenceFacts(paid, took_part, educated, joined_on=date(2020, 1, 1))
    found = rules.deemed_withdrawn(facts, TODAY)
    assert found.allowed is allowed
    assert says in found.objection


@given(months=st.integers(1, 24), days=st.integers(0, 900))
def test_silence_never_allows_sooner_than_its_months(months: int, days: int) -> None:
    last = TODAY - timedelta(days=days)
    facts = rules.SilenceFacts(last, last, TODAY, joined_on=date(2020, 1, 1))
    if rules.deemed_withdrawn(facts, TODAY, months).allowed:
        assert days >= months * 28


def test_expulsion_needs_three_stages_in_order() -> None:
    day = date(2026, 10, 1)
    whole = rules.ExpulsionFacts(day, day + timedelta(days=5), day + timedelta(days=9))
    assert rules.may_be_expelled(whole, TODAY).allowed
    assert "备案" in rules.may_be_expelled(rules.ExpulsionFacts(day, day, None), TODAY).objection
    backwards = rules.ExpulsionFacts(day, day - timedelta(days=1), day)
    assert "早于上一程序" in rules.may_be_expelled(backwards, TODAY).objection
    future = rules.ExpulsionFacts(day, day, TODAY + timedelta(days=1))
    assert "晚于今天" in rules.may_be_expelled(future, TODAY).objection
