"""Sums of schemes: fixed, by table, by tiers with deductible and cap; the lines add up to what is paid."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from unionhall.rulebook.calculators import Amount, Fixed, Table, Tiers, added

ADAPTER: TypeAdapter[Fixed | Table | Tiers] = TypeAdapter(Amount)
TIERS = Tiers(
    deductible=Decimal(1300),
    tiers=({"up_to": 5000, "ratio": "0.5"}, {"up_to": 10000, "ratio": "0.6"}, {"ratio": "0.7"}),  # type: ignore[arg-type]
    cap=Decimal(20000),
)
MONEY = st.decimals(0, 100_000, places=2)


def test_fixed_and_table() -> None:
    fixed = ADAPTER.validate_python({"kind": "fixed", "amount": 2000})
    assert isinstance(fixed, Fixed)
    assert fixed.work().amount == Decimal("2000.00")
    table = ADAPTER.validate_python(
        {
            "kind": "table",
            "fact": "level",
            "rows": [{"is": "1", "amount": 2000, "label": "高级技师"}, {"is": "2", "amount": 1000}],
        }
    )
    assert isinstance(table, Table)
    assert (table.work("1") or fixed.work()).lines[0].label == "高级技师"
    assert table.work("5") is None
    assert added([fixed.work(), fixed.work()]).amount == Decimal(4000)


def test_one_tier_reads_as_people_write_it() -> None:
    """The invented test profile of domain.md §3: 1,300 off, half, at most 20,000."""
    plain = Tiers(deductible=Decimal(1300), tiers=({"ratio": "0.5"},), cap=Decimal(20000))  # type: ignore[arg-type]
    worked = plain.work(Decimal(8000))
    assert worked.amount == Decimal("3350.00")
    assert worked.lines[0].text == "(8,000.00 − 1,300.00) × 50%"
    assert plain.work(Decimal(1300)).amount == 0
    capped = plain.work(Decimal(80000), paid=Decimal(15000))
    assert capped.amount == Decimal("5000.00")
    assert "封顶 20,000.00 − 本年已付 15,000.00 = 5,000.00" in capped.lines[-1].text


@given(MONEY, MONEY)
def test_tiers_follow_the_formula(selfpay: Decimal, paid: Decimal) -> None:
    rest = max(selfpay - 1300, Decimal(0))
    slices = (
        min(rest, Decimal(5000)),
        max(min(rest, Decimal(10000)) - 5000, Decimal(0)),
        max(rest - 10000, Decimal(0)),
    )
    whole = sum(
        (one * ratio for one, ratio in zip(slices, map(Decimal, ("0.5", "0.6", "0.7")), strict=True)),
        Decimal(0),
    )
    expected = min(max(Decimal(20000) - paid, Decimal(0)), whole)
    worked = TIERS.work(selfpay, paid=paid)
    assert abs(worked.amount - expected) <= Decimal("0.02")
    assert worked.amount == sum((line.amount for line in worked.lines), Decimal(0))
    assert worked.amount >= 0


@given(st.lists(MONEY, min_size=1, max_size=5))
def test_a_year_in_parts_is_the_year_at_once(parts: list[Decimal]) -> None:
    yearly = TIERS.model_copy(update={"per": "year"})
    paid = before = Decimal(0)
    for part in parts:
        worked = yearly.work(part, paid=paid, before=before)
        assert worked.amount == sum((line.amount for line in worked.lines), Decimal(0))
        paid, before = paid + worked.amount, before + part
    assert paid == yearly.work(before).amount


def test_a_threshold_opens_everything() -> None:
    tiers = Tiers(threshold=Decimal(3000), tiers=({"ratio": "0.1"},))  # type: ignore[arg-type]
    assert tiers.work(Decimal("2999.99")).amount == 0
    assert "未达到" in tiers.work(Decimal("2999.99")).lines[0].text
    assert tiers.work(Decimal(3000)).amount == 300
    with pytest.raises(ValueError, match="negative"):
        tiers.work(Decimal(-1))


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        ({"kind": "tiers", "tiers": [{"ratio": 0.5}, {"up_to": 100, "ratio": 0.5}]}, "应在最后"),
        ({"kind": "tiers", "tiers": [{"up_to": 100, "ratio": 0.5}, {"up_to": 50, "ratio": 0.5}]}, "依次增大"),
        (
            {"kind": "table", "fact": "level", "rows": [{"is": "1", "amount": 1}, {"is": "1", "amount": 2}]},
            "重复",
        ),
    ],
)
def test_tables_out_of_order_are_mistakes(raw: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        ADAPTER.validate_python(raw)
