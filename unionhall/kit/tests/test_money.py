from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unionhall.kit.money import LARGEST, MoneyError, capitals, cents, parse_capitals, parse_yuan, yuan


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        # The regulation's own examples, where it leaves a choice the shorter one.
        ("1409.50", "壹仟肆佰零玖元伍角整"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角整"),
        ("10", "壹拾元整"),
        ("100000001", "壹亿零壹元整"),
        ("1000000000000", "壹万亿元整"),
        ("12000500000000", "壹拾贰万零伍亿元整"),
        ("100100100", "壹亿零壹拾万零壹佰元整"),
        ("-3.2", "负叁元贰角整"),
    ],
)
def test_capitals(amount: str, text: str) -> None:
    assert capitals(Decimal(amount)) == text
    assert parse_capitals(f"人民币{text}") == Decimal(amount)


@given(st.decimals(-LARGEST, LARGEST, places=2))
def test_capitals_come_back(amount: Decimal) -> None:
    assert parse_capitals(capitals(amount)) == amount


@given(st.decimals(-LARGEST, LARGEST, places=2))
def test_shown_amounts_come_back(amount: Decimal) -> None:
    assert parse_yuan(yuan(amount)) == amount


def test_amounts_are_read_as_people_write_them() -> None:
    assert parse_yuan("￥1,234.5元") == Decimal("1234.50")
    assert parse_yuan("1.2万元") == Decimal("12000.00")
    assert parse_yuan("人民币 ３００") == Decimal("300.00")
    assert parse_capitals("一千二百圆正") == Decimal("1200.00")
    assert parse_capitals("拾伍元整") == Decimal("15.00")
    assert yuan(None) == ""
    assert yuan(Decimal("1234567.005")) == "1,234,567.01"
    assert cents(3) == Decimal("3.00")


@pytest.mark.parametrize("text", ["", "元", "1.234", "1,23", "abc", "1e5", "NaN", "9" * 17, "9" * 40])
def test_unreadable_amounts_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(MoneyError) as caught:
        parse_yuan(text)
    assert caught.value.message_zh.endswith("。")


@pytest.mark.parametrize("text", ["", "整", "元整", "壹贰叁整", "一百元零角钱"])
def test_unreadable_capitals_are_refused(text: str) -> None:
    with pytest.raises(MoneyError):
        parse_capitals(text)


def test_too_large_an_amount_is_refused() -> None:
    with pytest.raises(MoneyError):
        capitals(LARGEST + 1)
