"""What a medical settlement is worth: cover on the day, waiting time, threshold, deductible, tiers, the year's cap.

Formula and products: domain.md §3. The rule for one settlement carries its arithmetic; the one for many works in whole
cents and carries none. A property test holds them to the same results.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from unionhall.kit.money import cents, yuan
from unionhall.rulebook.calculators import ZERO, Line, Tiers, Worked
from unionhall.rulebook.programmes import calculator
from unionhall.rulebook.rules import Outcome, rule

from ..schemes.medical import MedicalAidScheme

NOT_COVERED = "结算当日不在本方案的保障之内"
WAITING = "结算当日还在免责期内"
TOO_LITTLE = "自付金额没有超过起付标准"
AT_CAP = "本年度的互助金已达到封顶线"
NOTHING = "自付金额为零"
BY_PLAN = "按方案自动计算"
REDUCED = "参加时间较短，按比例支付"
CAPPED = "超过封顶线的部分不支付"


@rule("medical.adjudicate", programme="medical_aid", many=lambda parameters, inputs: many(parameters, inputs))
def adjudicate(
    parameters: MedicalAidScheme,
    *,
    selfpay: Decimal,
    paid: Decimal = ZERO,
    before: Decimal = ZERO,
    covered: bool = True,
    units: int = 1,
    on: date | None = None,
    since: date | None = None,
    former_until: date | None = None,
) -> Outcome:
    """One settlement: `paid` and `before` are what the year has paid and counted already (yuan).

    `since` is the first day of the cover that a person took out himself, `former_until` the first day after the one
    before it; `units` how many he bought. Without `since` there is no waiting.
    """
    if not covered:
        return Outcome("refused", ZERO, (NOT_COVERED,))
    part = share(parameters, on, since, former_until)
    if part == 0:
        return Outcome("refused", ZERO, (WAITING,))
    worked = _worked(parameters, selfpay, paid, before, units, part)
    if worked.amount > 0:
        short = any(line.label == _CAP for line in worked.lines)
        reasons = (BY_PLAN, *((REDUCED,) if part < 1 else ()), *((CAPPED,) if short else ()))
        return Outcome("granted", worked.amount, reasons, worked)
    capped = any(line.label == _CAP for line in worked.lines)
    return Outcome("refused", ZERO, (AT_CAP if capped else TOO_LITTLE if selfpay > 0 else NOTHING,), worked)


_CAP = "超过封顶线"


@calculator("medical.pays", programme="medical_aid")
def pays(
    parameters: MedicalAidScheme,
    *,
    selfpay: Decimal,
    paid: Decimal = ZERO,
    before: Decimal = ZERO,
    covered: bool = True,
    units: int = 1,
    on: date | None = None,
    since: date | None = None,
    former_until: date | None = None,
) -> dict[str, str]:
    """The same for worked examples beside a scheme: result, sum and first reason as text."""
    found = adjudicate(
        parameters, selfpay=selfpay, paid=paid, before=before, covered=covered, units=units, on=on, since=since,
        former_until=former_until,
    )  # fmt: skip
    return {"outcome": found.outcome, "amount": f"{found.amount:.2f}", "reason": found.reasons[0]}


def share(
    parameters: MedicalAidScheme, on: date | None, since: date | None, former_until: date | None
) -> Decimal:
    """The part that is paid by how long a cover has held: 0 while waiting, less than 1 while reduced.

    A cover renewed in time waits no more. The day on which it begins is day 1.
    """
    if on is None or since is None:
        return Decimal(1)
    if former_until is not None and (since - former_until).days <= parameters.renewal_days:
        return Decimal(1)
    day = (on - since).days + 1
    if day <= parameters.waiting_days:
        return Decimal(0)
    return parameters.reduced_ratio if day <= parameters.reduced_until_day else Decimal(1)


def _worked(
    parameters: MedicalAidScheme, selfpay: Decimal, paid: Decimal, before: Decimal, units: int, part: Decimal
) -> Worked:
    plan = parameters.amount
    if units == 1 and part == 1:
        return plan.work(selfpay, paid=paid, before=before)
    worked = plan.model_copy(update={"cap": None}).work(selfpay, before=before)
    lines, due = list(worked.lines), worked.amount
    if units > 1:
        lines.append(Line(label=f"参加 {units} 份", text=f"{yuan(due)} × {units}", amount=due * (units - 1)))
        due *= units
    if part < 1:
        reduced = cents(due * part)
        text = f"{yuan(due)} × {(part * 100).normalize():f}%"
        lines.append(Line(label="参加时间较短，按比例", text=text, amount=reduced - due))
        due = reduced
    if plan.cap is not None and due > (left := max(plan.cap * units - paid, ZERO)):
        text = f"封顶 {yuan(plan.cap * units)} − 本年已付 {yuan(paid)} = {yuan(left)}"
        lines.append(Line(label=_CAP, text=text, amount=left - due))
        due = left
    return Worked(amount=cents(due), lines=tuple(lines))


@dataclass(frozen=True)
class Plan:
    """A version's sums in whole cents and its ratios as fractions: the same rule, by the million."""

    threshold: int
    deductible: int
    tiers: tuple[tuple[int | None, int, int], ...]
    cap: int | None
    yearly: bool

    def total(self, counted: int) -> int:
        """Σ of the slices of a self-paid sum, each rounded half up to the cent."""
        if counted < self.threshold:
            return 0
        rest, floor, found = counted - self.deductible, 0, 0
        for up_to, numerator, denominator in self.tiers:
            top = rest if up_to is None or rest < up_to else up_to
            if top <= floor:
                break
            found += (2 * (top - floor) * numerator + denominator) // (2 * denominator)
            floor = top
        return found

    def due(self, selfpay: int, before: int) -> int:
        """Before units, reduction and cap."""
        if not self.yearly:
            return self.total(selfpay)
        return self.total(before + selfpay) - self.total(before)


@lru_cache(maxsize=64)
def plan_of(tiers: Tiers) -> Plan:
    return Plan(
        cents_of(tiers.threshold),
        cents_of(tiers.deductible),
        tuple(
            (None if one.up_to is None else cents_of(one.up_to), *one.ratio.as_integer_ratio())
            for one in tiers.tiers
        ),
        None if tiers.cap is None else cents_of(tiers.cap),
        tiers.per == "year",
    )


def cents_of(amount: Decimal | str) -> int:
    """Whole cents of a sum that has at most two decimals."""
    if isinstance(amount, str) and amount[-3:-2] == ".":
        return int(amount[:-3] + amount[-2:])
    return int((Decimal(amount) * 100).to_integral_exact())


def yuan_of(amount: int) -> str:
    """The sum as decisions store it: 123456 → "1234.56"."""
    return f"{amount // 100}.{amount % 100:02d}"


class Case(NamedTuple):
    """One settlement in whole cents, as `adjudicate` takes it in yuan."""

    selfpay: int
    paid: int
    before: int
    covered: bool = True
    units: int = 1
    part: Decimal | None = None


def quick(plan: Plan, case: Case) -> tuple[int, tuple[str, ...]]:
    """The sum in cents (0: refused) and the reasons."""
    if not case.covered:
        return 0, _NOT_COVERED
    part = case.part
    if part == 0:
        return 0, _WAITING
    due = plan.due(case.selfpay, case.before) * case.units
    if part is not None and part < 1:
        numerator, denominator = part.as_integer_ratio()
        due = (2 * due * numerator + denominator) // (2 * denominator)
    capped = False
    if plan.cap is not None:
        left = max(plan.cap * case.units - case.paid, 0)
        if due > left:
            due, capped = left, True
    if due:
        if part is None and not capped:
            return due, _BY_PLAN
        reduced = part is not None and part < 1
        return due, (BY_PLAN, *((REDUCED,) if reduced else ()), *((CAPPED,) if capped else ()))
    return 0, _AT_CAP if capped else _TOO_LITTLE if case.selfpay else _NOTHING


_NOT_COVERED, _WAITING, _BY_PLAN = (NOT_COVERED,), (WAITING,), (BY_PLAN,)
_AT_CAP, _TOO_LITTLE, _NOTHING = (AT_CAP,), (TOO_LITTLE,), (NOTHING,)


def many(parameters: MedicalAidScheme, inputs: Sequence[dict[str, Any]]) -> list[Outcome]:
    """As `adjudicate`, for inputs as they are stored; without the arithmetic."""
    plan = plan_of(parameters.amount)
    return [outcome_of(*quick(plan, _case(parameters, one))) for one in inputs]


def outcome_of(amount: int, reasons: tuple[str, ...]) -> Outcome:
    """What `quick` found, as a decision."""
    if amount:
        return Outcome("granted", Decimal(amount).scaleb(-2), reasons)
    return _refused(reasons)


@lru_cache(maxsize=16)
def _refused(reasons: tuple[str, ...]) -> Outcome:
    return Outcome("refused", ZERO, reasons)


def _case(parameters: MedicalAidScheme, one: dict[str, Any]) -> Case:
    part = None
    if one.get("since") is not None:
        part = share(parameters, _day(one.get("on")), _day(one["since"]), _day(one.get("former_until")))
    return Case(
        cents_of(one["selfpay"]),
        cents_of(one.get("paid", "0.00")),
        cents_of(one.get("before", "0.00")),
        one.get("covered", True),
        one.get("units", 1),
        part,
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
