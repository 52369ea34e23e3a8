"""Legal aid decided: whether means have to be looked into, whether they suffice, whether aid comes first, the fee."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from unionhall.kit.money import yuan
from unionhall.rulebook.programmes import calculator
from unionhall.rulebook.rules import Outcome, rule

from ..schemes.aid import CAUSES, PROGRAMME, AidScheme, Exemption


def exemption(scheme: AidScheme, *, cause: str, is_migrant: bool, group: str) -> Exemption | None:
    """Why means are not looked into; None where they are."""
    for one in scheme.exemptions:
        if (is_migrant and cause in one.migrant_causes) or (group and group in one.groups):
            return one
    return None


@rule("aid.means", programme=PROGRAMME)
def means(
    scheme: AidScheme,
    *,
    cause: str,
    is_migrant: bool,
    group: str = "",
    monthly_income: Decimal | None = None,
    vouched: bool = False,
) -> Outcome:
    """Whether aid is due. `exception`: somebody has to ask for what is missing before anything can be decided."""
    if cause not in scheme.causes:
        return Outcome("refused", reasons=(f"“{CAUSES.get(cause, cause)}”不在援助范围内",))
    scope = f"“{CAUSES[cause]}”在援助范围内"
    found = exemption(scheme, cause=cause, is_migrant=is_migrant, group=group)
    if found is not None:
        return Outcome("granted", reasons=(scope, f"免予核查经济困难状况（{found.article}）"))
    if monthly_income is None:
        return Outcome("exception", reasons=(scope, "需要核查经济困难状况，还没有填写家庭人均月收入"))
    limit = f"家庭人均月收入 {yuan(monthly_income)} 元，标准为 {yuan(scheme.income_limit)} 元以下"
    if monthly_income > scheme.income_limit:
        return Outcome("refused", reasons=(scope, f"{limit}，超过标准"))
    if not vouched:
        return Outcome("exception", reasons=(scope, limit, "还没有收入证明或者个人诚信承诺"))
    return Outcome("granted", reasons=(scope, f"{limit}，符合标准"))


@calculator("aid.means", programme=PROGRAMME)
def means_words(
    scheme: AidScheme,
    *,
    cause: str,
    is_migrant: bool = False,
    group: str = "",
    monthly_income: Decimal | None = None,
    vouched: bool = False,
) -> str:
    """For worked examples: the result alone."""
    return means(
        scheme,
        cause=cause,
        is_migrant=is_migrant,
        group=group,
        monthly_income=monthly_income,
        vouched=vouched,
    ).outcome


@calculator("aid.comes_first", programme=PROGRAMME)
def comes_first(scheme: AidScheme, *, expires_on: date | None, today: date) -> bool:
    """Whether so few days remain that aid may come before the decision; not once the limit has run out."""
    return expires_on is not None and 0 <= (expires_on - today).days <= scheme.first_days


@rule("aid.fee", programme=PROGRAMME)
def fee(scheme: AidScheme, *, form: str) -> Outcome:
    """What the lawyer is paid for a case in this form, as the table says."""
    worked = scheme.fees.work(form)
    if worked is None:
        return Outcome("refused", reasons=("补贴标准表里没有这种援助方式",))
    return Outcome(
        "granted", worked.amount, tuple(f"{one.label}：{yuan(one.amount)} 元" for one in worked.lines), worked
    )


@calculator("aid.fee", programme=PROGRAMME)
def fee_amount(scheme: AidScheme, *, form: str) -> str:
    return str(fee(scheme, form=form).amount)


def short_days(on_duty: dict[int, int], weekdays: list[int], least: int) -> list[int]:
    """Weekdays on which a body is open with fewer lawyers on duty than it should have."""
    return [day for day in sorted(weekdays) if on_duty.get(day, 0) < least]
