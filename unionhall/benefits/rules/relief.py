"""Hardship relief, pure: the category of a household, the most an aid may come to, dates that are due, why not.

Sums are yuan. Formula and categories: domain.md §5 (Qingdao, Hubei). Reasons carry no figures of the household: they
stand with the decision in clear; the arithmetic (`Assessed.lines`) is worked out again from the sealed inputs.
"""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from unionhall.kit.money import cents, yuan
from unionhall.kit.periods import months_after
from unionhall.rulebook.calculators import ZERO, Line, Worked
from unionhall.rulebook.programmes import calculator
from unionhall.rulebook.rules import Outcome, rule

from ..schemes.relief import AIDS, PROGRAMME, AidScheme, HardshipScheme

LABELS = {"deep": "深度困难", "relative": "相对困难", "accident": "意外致困"}
_STATUS = {"minimum": "最低生活保障家庭", "marginal": "最低生活保障边缘家庭", "rigid": "刚性支出困难家庭"}


@dataclass(frozen=True)
class Assessed:
    """What the rule made of the figures: category ("" for none), m, why, the arithmetic line by line."""

    category: str
    monthly: Decimal
    reasons: tuple[str, ...]
    lines: tuple[Line, ...]


def assess(
    parameters: HardshipScheme,
    *,
    income: Decimal,
    expense: Decimal,
    people: int,
    loss: Decimal = ZERO,
    casualty: bool = False,
    migrant: bool = False,
    employment_months: int | None = None,
    excluded: tuple[str, ...] = (),
    status: str = "",
) -> Assessed:
    """Income, rigid expense and loss are the household's of a year. Negative sums or nobody raise ValueError."""
    if min(income, expense, loss) < 0 or people < 1:
        raise ValueError("sums are not negative, and a household has somebody")
    monthly = ((income - expense) / 12 / people).quantize(Decimal("0.01"), ROUND_HALF_UP)
    lines = _lines(parameters, income, expense, people, loss, monthly)
    labels = [one.label for one in parameters.exclusions if one.code in excluded]
    if labels:
        return Assessed("", monthly, tuple(f"有不予建档的情形：{label}" for label in labels), lines)
    needed = parameters.migrant_employment_months
    if migrant and (employment_months is None or employment_months < needed):
        return Assessed("", monthly, (f"农民工应已实际就业满 {needed} 个月",), lines)
    return _category(parameters, monthly, income, loss, casualty, status, lines)


def _category(
    parameters: HardshipScheme,
    monthly: Decimal,
    income: Decimal,
    loss: Decimal,
    casualty: bool,
    status: str,
    lines: tuple[Line, ...],
) -> Assessed:
    line = parameters.local_line
    recognised = parameters.category_of(status)
    if monthly < line * parameters.deep_multiple:
        why = f"家庭人均月收入扣除刚性支出后低于当地低保标准的 {_times(parameters.deep_multiple)}"
        return Assessed("deep", monthly, (why,), lines)
    if recognised == "deep":
        return Assessed("deep", monthly, (f"民政认定为{_STATUS[status]}",), lines)
    if monthly < line * parameters.relative_multiple:
        why = f"家庭人均月收入扣除刚性支出后低于当地低保标准的 {_times(parameters.relative_multiple)}"
        return Assessed("relative", monthly, (why,), lines)
    if recognised == "relative":
        return Assessed("relative", monthly, (f"民政认定为{_STATUS[status]}",), lines)
    if casualty and parameters.casualty:
        return Assessed("accident", monthly, ("家庭成员在灾害、事故中伤亡",), lines)
    if loss > 0 and loss > income * parameters.loss_share:
        why = f"意外损失超过家庭年收入的 {_percent(parameters.loss_share)}"
        return Assessed("accident", monthly, (why,), lines)
    if recognised:
        return Assessed(recognised, monthly, (f"民政认定为{_STATUS[status]}",), lines)
    why = (
        f"家庭人均月收入扣除刚性支出后不低于当地低保标准的 {_times(parameters.relative_multiple)}，"
        f"意外损失也没有超过家庭年收入的 {_percent(parameters.loss_share)}"
    )
    return Assessed("", monthly, (why,), lines)


def _lines(
    parameters: HardshipScheme,
    income: Decimal,
    expense: Decimal,
    people: int,
    loss: Decimal,
    monthly: Decimal,
) -> tuple[Line, ...]:
    line = parameters.local_line
    found = [
        Line(
            label="人均月可支配",
            text=f"({yuan(income)} − {yuan(expense)}) ÷ 12 ÷ {people} 人",
            amount=monthly,
        ),
        Line(
            label="深度困难线",
            text=f"低保标准 {yuan(line)} × {_times(parameters.deep_multiple)}",
            amount=cents(line * parameters.deep_multiple),
        ),
        Line(
            label="相对困难线",
            text=f"低保标准 {yuan(line)} × {_times(parameters.relative_multiple)}",
            amount=cents(line * parameters.relative_multiple),
        ),
    ]
    if loss:
        share = parameters.loss_share
        text = f"家庭年收入 {yuan(income)} × {_percent(share)}；损失 {yuan(loss)}"
        found.append(Line(label="意外损失线", text=text, amount=cents(income * share)))
    return tuple(found)


def _times(number: Decimal) -> str:
    return f"{number.normalize():f} 倍"


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}%"


@rule("relief.category", programme=PROGRAMME)
def category(
    parameters: HardshipScheme,
    *,
    income: Decimal,
    expense: Decimal,
    people: int,
    loss: Decimal = ZERO,
    casualty: bool = False,
    migrant: bool = False,
    employment_months: int | None = None,
    excluded: tuple[str, ...] = (),
    status: str = "",
) -> Outcome:
    """Whether a file may be opened; the first reason names the category. Nothing is paid by it."""
    found = assess(
        parameters, income=income, expense=expense, people=people, loss=loss, casualty=casualty, migrant=migrant,
        employment_months=employment_months, excluded=excluded, status=status,
    )  # fmt: skip
    if not found.category:
        return Outcome("refused", reasons=found.reasons)
    return Outcome("granted", reasons=(LABELS[found.category], *found.reasons))


@calculator("relief.category", programme=PROGRAMME)
def category_code(
    parameters: HardshipScheme,
    *,
    income: Decimal,
    expense: Decimal,
    people: int,
    loss: Decimal = ZERO,
    casualty: bool = False,
    migrant: bool = False,
    employment_months: int | None = None,
    excluded: tuple[str, ...] = (),
    status: str = "",
) -> str:
    """The category for worked examples: deep, relative, accident, or an empty text."""
    return assess(
        parameters, income=income, expense=expense, people=people, loss=loss, casualty=casualty, migrant=migrant,
        employment_months=employment_months, excluded=excluded, status=status,
    ).category  # fmt: skip


def most(
    parameters: AidScheme,
    *,
    category: str,
    line: Decimal,
    schooling: str = "",
    own_cost: Decimal | None = None,
    had: Decimal = ZERO,
) -> Worked | None:
    """The most that may be granted now, with its arithmetic; None where the scheme has nothing for the case.

    `line` is the local 低保 standard, `had` what the year's grants of the same aid came to.
    """
    found = parameters.ceiling(category, schooling)
    if found is None:
        return None
    limits: list[Line] = []
    if found.months is not None:
        text = f"低保标准 {yuan(line)} × {found.months} 个月"
        limits.append(Line(label="上限", text=text, amount=cents(line * found.months)))
    if found.amount is not None:
        limits.append(Line(label="封顶", text="方案规定", amount=cents(found.amount)))
    if found.own_cost:
        limits.append(
            Line(
                label="自付费用",
                text="不超过本人实际负担",
                amount=cents(own_cost if own_cost is not None else ZERO),
            )
        )
    amount = min(one.amount for one in limits)
    lines = tuple(limits)
    if had and parameters.fills_up:
        lines = (*lines, Line(label="本年已帮扶", text="从上限中扣除", amount=-cents(had)))
        amount = max(amount - had, ZERO)
    return Worked(amount=cents(amount), lines=lines)


def aid(
    parameters: AidScheme,
    *,
    wanted: Decimal,
    category: str,
    line: Decimal,
    schooling: str = "",
    own_cost: Decimal | None = None,
    had: Decimal = ZERO,
    taken: tuple[str, ...] = (),
) -> Outcome:
    """Grant what is wanted, up to the most; `taken` names programmes the household has had that exclude this one."""
    if taken:
        names = "、".join(dict.fromkeys(taken))
        return Outcome("refused", reasons=(f"同一家庭本年度已享受“{names}”，不能重复帮扶",))
    if parameters.asks_schooling and not schooling:
        return Outcome("refused", reasons=("请选择就学阶段",))
    limit = most(parameters, category=category, line=line, schooling=schooling, own_cost=own_cost, had=had)
    if limit is None:
        who = LABELS.get(category, "没有建档的家庭")
        return Outcome("refused", reasons=(f"本地方案没有面向“{who}”的这一项帮扶",))
    if limit.amount <= 0:
        why = "本年度帮扶已达到上限" if had else "没有填写自付费用，或者自付费用为零"
        return Outcome("refused", reasons=(why,))
    if wanted > limit.amount:
        return Outcome("refused", reasons=(f"不能超过上限 {yuan(limit.amount)} 元",), worked=limit)
    line_ = Line(label="本次帮扶", text=f"不超过 {yuan(limit.amount)}", amount=cents(wanted))
    worked = Worked(amount=cents(wanted), lines=(*limit.lines, line_))
    return Outcome("granted", cents(wanted), ("在方案规定的上限之内",), worked)


def rule_name(programme: str) -> str:
    """Of a programme of aid."""
    return f"relief.{programme}"


def _declare(programme: str) -> None:
    def granted(
        parameters: AidScheme,
        *,
        wanted: Decimal,
        category: str,
        line: Decimal,
        schooling: str = "",
        own_cost: Decimal | None = None,
        had: Decimal = ZERO,
        taken: tuple[str, ...] = (),
    ) -> Outcome:
        """See `aid`."""
        return aid(
            parameters, wanted=wanted, category=category, line=line, schooling=schooling, own_cost=own_cost,
            had=had, taken=taken,
        )  # fmt: skip

    def limit(
        parameters: AidScheme,
        *,
        category: str = "",
        line: Decimal = ZERO,
        schooling: str = "",
        own_cost: Decimal | None = None,
        had: Decimal = ZERO,
    ) -> str:
        """The most as text, for worked examples; empty where the scheme has nothing for the case."""
        found = most(
            parameters, category=category, line=line, schooling=schooling, own_cost=own_cost, had=had
        )
        return "" if found is None else f"{found.amount:.2f}"

    rule(rule_name(programme), programme=programme)(granted)
    calculator(f"{rule_name(programme)}.most", programme=programme)(limit)


for _programme in AIDS:
    _declare(_programme)


def next_visit(parameters: HardshipScheme, since: date) -> date:
    """By when the household is to be visited again."""
    return months_after(since, parameters.visit_months)


def next_verification(parameters: HardshipScheme, since: date) -> date:
    return months_after(since, parameters.verification_months)


def watch_ends(parameters: HardshipScheme, since: date) -> date:
    """The last day of the watch after leaving."""
    return months_after(since, parameters.watch_months)


def income_differs(parameters: HardshipScheme, *, stated: Decimal, checked: Decimal) -> bool:
    """Whether a checked income is so far above the stated one that somebody has to explain it."""
    return checked > stated * (1 + parameters.income_tolerance) and checked - stated >= 1
