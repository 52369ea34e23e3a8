"""The rule of medical mutual aid: the many way gives what the one way gives, under any plan and any sums."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from unionhall.benefits.rules import medical as rules
from unionhall.benefits.schemes.medical import MedicalAidScheme
from unionhall.rulebook.calculators import Tiers

START = date(2026, 1, 1)
money = st.integers(0, 5_000_000).map(lambda number: Decimal(number).scaleb(-2))


@st.composite
def tiers(draw: st.DrawFn) -> dict[str, Any]:
    tops = sorted(draw(st.sets(st.integers(1, 40_000), max_size=3)))
    ratios = draw(st.lists(st.integers(1, 1000), min_size=len(tops) + 1, max_size=len(tops) + 1))
    rows = [
        {"up_to": top, "ratio": str(Decimal(ratio) / 1000)} for top, ratio in zip(tops, ratios, strict=False)
    ]
    if draw(st.booleans()) or not rows:
        rows.append({"ratio": str(Decimal(ratios[-1]) / 1000)})
    return {
        "tiers": rows, "threshold": draw(money), "deductible": draw(money),
        "cap": draw(st.none() | money), "per": draw(st.sampled_from(["event", "year"])),
    }  # fmt: skip


@st.composite
def plans(draw: st.DrawFn) -> MedicalAidScheme:
    waiting = draw(st.integers(0, 40))
    return MedicalAidScheme(
        summary="互助", enrolment="units", claim_months=12, max_units=3, waiting_days=waiting,
        reduced_until_day=waiting + draw(st.integers(1, 60)), renewal_days=draw(st.integers(0, 40)),
        reduced_ratio=Decimal(draw(st.integers(1, 100))) / 100, amount=Tiers.model_validate(draw(tiers())),
    )  # fmt: skip


@st.composite
def inputs(draw: st.DrawFn) -> dict[str, Any]:
    """As decisions store them."""
    found: dict[str, Any] = {
        "selfpay": f"{draw(money):.2f}", "paid": f"{draw(money):.2f}", "before": f"{draw(money):.2f}",
        "covered": draw(st.integers(0, 5)) > 0,
    }  # fmt: skip
    if draw(st.booleans()):
        since = START + timedelta(days=draw(st.integers(0, 100)))
        found |= {
            "units": draw(st.integers(1, 3)), "since": since.isoformat(),
            "on": (since + timedelta(days=draw(st.integers(0, 120)))).isoformat(),
        }  # fmt: skip
        if draw(st.booleans()):
            found["former_until"] = (since - timedelta(days=draw(st.integers(0, 60)))).isoformat()
    return found


@settings(max_examples=150, deadline=None)
@given(plans(), st.lists(inputs(), min_size=1, max_size=4))
def test_many_gives_what_one_gives(plan: MedicalAidScheme, asked: list[dict[str, Any]]) -> None:
    from unionhall.rulebook.rules import rule_of

    rule = rule_of("medical.adjudicate")
    for one, many in zip(asked, rule.decide_many(plan, asked), strict=True):
        single = rule.decide(plan, one)
        assert (many.outcome, many.amount, many.reasons) == (single.outcome, single.amount, single.reasons)
        if single.worked is not None:
            assert sum(line.amount for line in single.worked.lines) == single.amount


@settings(max_examples=60, deadline=None)
@given(tiers(), st.lists(st.integers(0, 2_000_000), min_size=1, max_size=5))
def test_a_year_in_parts_is_paid_as_a_year_in_one(text: dict[str, Any], parts: list[int]) -> None:
    plan = rules.plan_of(Tiers.model_validate(text | {"per": "year"}))
    paid = before = 0
    for part in parts:
        amount, _ = rules.quick(plan, rules.Case(part, paid, before))
        paid, before = paid + amount, before + part
    whole = plan.total(sum(parts))
    assert paid == (whole if plan.cap is None else min(whole, plan.cap))
