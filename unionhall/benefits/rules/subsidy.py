"""The career subsidy decided: a certificate's facts in, a sum or the reasons against it out."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta

from unionhall.kit.money import cents, yuan
from unionhall.rulebook.calculators import Line, Worked
from unionhall.rulebook.programmes import calculator
from unionhall.rulebook.rules import Outcome, rule

from ..schemes.subsidy import CareerMatchScheme, CareerScheme


def last_day(issued_on: date, months: int) -> date:
    """The last day on which a certificate may be brought."""
    found: date = issued_on + relativedelta(months=months)
    return found


def first_day(on: date, months: int) -> date:
    """The first day of issue of a certificate that may still be brought on a day."""
    found: date = on - relativedelta(months=months)
    # Into a shorter month it is cut to the month's end, which is too early.
    return found if last_day(found, months) >= on else found + timedelta(days=1)


@rule("subsidy.grant", programme="career_subsidy")
def grant(
    parameters: CareerScheme,
    *,
    occupation: str,
    in_catalogue: bool,
    level: str,
    issued_on: date,
    applied_on: date,
) -> Outcome:
    """The sum for a level, when the occupation is in the catalogue of the year of issue and the application in time."""
    reasons = []
    worked = parameters.amount.work(level)
    if worked is None:
        reasons.append("这一等级的证书不在补贴范围内。")
    if not in_catalogue:
        reasons.append(f"“{occupation}”不在发证当年的助推目录里。")
    if applied_on < issued_on:
        reasons.append("发证日期晚于申请日期。")
    if applied_on > last_day(issued_on, parameters.apply_within_months):
        reasons.append(f"发证已超过 {parameters.apply_within_months} 个月。")
    if reasons or worked is None:
        return Outcome("refused", reasons=tuple(reasons))
    return Outcome("granted", worked.amount, (f"{occupation}，证书在目录内，在期限内申请",), worked)


@calculator("subsidy.amount", programme="career_subsidy")
def amount(parameters: CareerScheme, **given: Any) -> dict[str, Any]:
    """For worked examples: the result and the sum in yuan."""
    found = grant(parameters, **given)
    return {"outcome": found.outcome, "amount": str(found.amount)}


@rule("subsidy.match", programme="career_match")
def match(parameters: CareerMatchScheme, *, granted: Decimal) -> Outcome:
    """What the district adds to a sum that was granted (yuan)."""
    due = cents(granted * parameters.ratio)
    words = f"按市级补贴的 {(parameters.ratio * 100).normalize():f}% 配套"
    line = Line(label="区县配套", text=f"{yuan(granted)} × {parameters.ratio.normalize():f}", amount=due)
    return Outcome("granted", due, (words,), Worked(amount=due, lines=(line,)))


@calculator("subsidy.matched", programme="career_match")
def matched(parameters: CareerMatchScheme, *, granted: Decimal) -> str:
    """For worked examples: the sum in yuan."""
    return str(match(parameters, granted=Decimal(granted)).amount)


@calculator("subsidy.contest", programme="career_subsidy")
def contest_level(parameters: CareerScheme, *, stage: str, entrants: int, place: int) -> str:
    """The level that a place in a contest stands for; "" where it stands for none (domain.md §4, K3)."""
    for one in parameters.contests:
        fits = one.entrants_from <= entrants and (one.entrants_below is None or entrants < one.entrants_below)
        if one.stage == stage and fits and place <= one.places:
            return one.level
    return ""
