"""保险保障, pure: what an insured event is worth, whether it lies within the cover, from which day a grade counts.

Products and papers: domain.md §3 (b)–(f), A9.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unionhall.kit.money import yuan
from unionhall.rulebook.calculators import ZERO, Amount, Fixed, Line, Table, Tiers, Worked, Yuan
from unionhall.rulebook.programmes import calculator
from unionhall.rulebook.rules import Outcome, rule

#: What a claim for an event says besides its day; a sum may be a table over `grade` or `tier`.
Asked = Literal["grade", "loss", "disease"]
#: Every programme of cover, gifted ones first.
PROGRAMMES = ("cover_accident", "cover_women", "cover_third", "cover_card", "plan_accident", "plan_women")

COVERED = "事故发生在保障期内"
OUTSIDE = "事故不在保障期内"
EXEMPT = "事故发生在免责期内"
LATE = "超过了申请期限"
FUTURE = "事故日期晚于申请日期"
UNKNOWN = "本保障没有这一项责任"
NO_GRADE = "鉴定等级不在给付标准之内"
NO_DISEASE = "所患疾病不在保障范围之内"
NO_LOSS = "没有核定的损失金额"
NOT_YET = "治疗没有结束，也没有满应当评定的天数"
AT_CAP = "已达到本保障的最高给付额"
BY_TABLE = "按给付标准计算"
CAPPED = "超过最高给付额的部分不给付"


class Peril(BaseModel):
    """保障责任: one kind of event, its sum, what a claim has to say and which of the scheme's papers it needs.

    `by` "kin" is claimed by relatives of the insured. `health`: particulars are health data, asked with a separate
    consent (PIPL art. 29).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str = Field(min_length=1)
    amount: Amount
    asks: tuple[Asked, ...] = ()
    by: Literal["self", "kin"] = "self"
    health: bool = False
    diseases: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _answerable(self) -> Self:
        if isinstance(self.amount, Table) and self.amount.fact not in ("grade", "tier"):
            raise ValueError(f"保障责任“{self.label}”的标准表 fact 只能是 grade（等级）或 tier（档次）。")
        if isinstance(self.amount, Table) and self.amount.fact == "grade" and "grade" not in self.asks:
            raise ValueError(f"保障责任“{self.label}”按等级给付，asks 应包括 grade。")
        if isinstance(self.amount, Tiers) and "loss" not in self.asks:
            raise ValueError(f"保障责任“{self.label}”按损失给付，asks 应包括 loss。")
        if bool(self.diseases) != ("disease" in self.asks):
            raise ValueError(f"保障责任“{self.label}”：列出 diseases 时 asks 应包括 disease，反之亦然。")
        return self


class CoverTerms(BaseModel):
    """The part of a cover's scheme that assessment needs.

    `claim_within_days`: how long after an event it may be claimed. `assess_by_day`: while treatment goes on, a grade
    is assessed on that day after the event (A9). `exempt_days`: of a plan that was bought, from its first day;
    one that follows another within `renewal_days` is exempt no more.
    """

    perils: tuple[Peril, ...] = Field(min_length=1)
    claim_within_days: int = Field(ge=1, le=3650)
    assess_by_day: int = Field(default=180, ge=1, le=730)
    exempt_days: int = Field(default=0, ge=0, le=365)
    renewal_days: int = Field(default=0, ge=0, le=365)
    cap: Yuan | None = None

    def peril(self, code: str) -> Peril | None:
        return next((one for one in self.perils if one.code == code), None)


def within(day: date, covered_from: date, covered_until: date | None) -> bool:
    """`covered_until` is the first day without cover; None while there is no end."""
    return covered_from <= day and (covered_until is None or day < covered_until)


def first_assessment(event_on: date, treated_until: date | None, assess_by_day: int) -> date:
    """The first day whose grade counts: when treatment ended, at the latest the day named by the scheme."""
    latest = event_on + timedelta(days=assess_by_day)
    return latest if treated_until is None else min(treated_until, latest)


def assess(
    parameters: CoverTerms,
    *,
    peril: str,
    event_on: date,
    claimed_on: date,
    covered_from: date,
    covered_until: date | None = None,
    grade: str = "",
    disease: str = "",
    tier: str = "",
    loss: Decimal | None = None,
    treated_until: date | None = None,
    assessed_on: date | None = None,
    paid: Decimal = ZERO,
    former_until: date | None = None,
) -> Outcome:
    """One claim. `paid` is what the same cover has paid the person for earlier events (yuan); `cap` limits both.

    `former_until`: the first day after the cover before this one.
    """
    found = parameters.peril(peril)
    if found is None:
        return _refused(UNKNOWN)
    if event_on > claimed_on:
        return _refused(FUTURE)
    if not within(event_on, covered_from, covered_until):
        return _refused(OUTSIDE)
    exempt = parameters.exempt_days and not _renewed(parameters, covered_from, former_until)
    if exempt and event_on < covered_from + timedelta(days=parameters.exempt_days):
        return _refused(EXEMPT)
    if claimed_on > event_on + timedelta(days=parameters.claim_within_days):
        return _refused(LATE)
    if found.diseases and disease not in found.diseases:
        return _refused(NO_DISEASE)
    if "grade" in found.asks and (
        assessed_on is None
        or assessed_on < first_assessment(event_on, treated_until, parameters.assess_by_day)
    ):
        return _refused(NOT_YET)
    worked = _worked(found, grade, tier, loss)
    if isinstance(worked, str):
        return _refused(worked)
    return _capped(worked, parameters.cap, paid)


def _renewed(parameters: CoverTerms, covered_from: date, former_until: date | None) -> bool:
    return former_until is not None and 0 <= (covered_from - former_until).days <= parameters.renewal_days


def _refused(reason: str) -> Outcome:
    return Outcome("refused", ZERO, (reason,))


def _worked(found: Peril, grade: str, tier: str, loss: Decimal | None) -> Worked | str:
    """The sum before the cap, or why there is none."""
    amount = found.amount
    if isinstance(amount, Fixed):
        return amount.work(found.label)
    if isinstance(amount, Table):
        return amount.work(grade if amount.fact == "grade" else tier) or NO_GRADE
    if loss is None or loss <= 0:
        return NO_LOSS
    worked = amount.work(loss)
    return worked if worked.amount > 0 else NO_LOSS


def _capped(worked: Worked, cap: Decimal | None, paid: Decimal) -> Outcome:
    if cap is None or worked.amount <= (left := max(cap - paid, ZERO)):
        return Outcome("granted", worked.amount, (COVERED, BY_TABLE), worked)
    if left == 0:
        return _refused(AT_CAP)
    text = f"最高 {yuan(cap)} − 已付 {yuan(paid)} = {yuan(left)}"
    lines = (*worked.lines, Line(label="超过最高给付额", text=text, amount=left - worked.amount))
    return Outcome("granted", left, (COVERED, BY_TABLE, CAPPED), Worked(amount=left, lines=lines))


def pays(
    parameters: CoverTerms,
    *,
    peril: str,
    event_on: date,
    claimed_on: date | None = None,
    covered_from: date = date(2000, 1, 1),
    covered_until: date | None = None,
    grade: str = "",
    disease: str = "",
    tier: str = "",
    loss: Decimal | None = None,
    paid: Decimal = ZERO,
    former_until: date | None = None,
) -> dict[str, str]:
    """For worked examples: a claim made on the day of the event unless another is given, with all that it asks."""
    claimed = claimed_on or event_on
    found = assess(
        parameters, peril=peril, event_on=event_on, claimed_on=claimed, covered_from=covered_from,
        covered_until=covered_until, grade=grade, disease=disease, tier=tier, loss=loss, treated_until=event_on,
        assessed_on=claimed, paid=paid, former_until=former_until,
    )  # fmt: skip
    return {"outcome": found.outcome, "amount": str(found.amount), "reason": found.reasons[0]}


for _code in PROGRAMMES:
    # A rule is of one programme, so that a decision replays under the version it names.
    rule(f"{_code}.assess", programme=_code)(assess)
    calculator(f"{_code}.pays", programme=_code)(pays)
