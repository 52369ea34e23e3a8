"""单位投保, pure: how many of those who qualify have to take part, what a unit's list costs.

domain.md §3 (c): at least four fifths of those who qualify, everybody where fewer than a hundred do.
"""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from unionhall.kit.money import yuan
from unionhall.rulebook.calculators import ZERO, Line, Worked
from unionhall.rulebook.programmes import calculator
from unionhall.rulebook.rules import Outcome, rule

from ..schemes.cover import PROGRAMMES, CoverScheme

ENOUGH = "达到参加比例"
NOBODY = "名单上没有人"
NO_TIER = "本保障没有这个档次"
TOO_FEW = "参加的人不够"


@dataclass(frozen=True)
class Share:
    """What the condition asks of a unit: `needed` of `qualify` people; `words` say it as the scheme does."""

    qualify: int
    joined: int
    needed: int
    words: str

    @property
    def missing(self) -> int:
        return max(0, self.needed - self.joined)

    @property
    def percent(self) -> int:
        """How many of a hundred take part, rounded down, so that 80 is never said too early."""
        return self.joined * 100 // self.qualify if self.qualify else 0


def share(parameters: CoverScheme, *, qualify: int, joined: int) -> Share:
    """`joined`: on the list, or covered already by an earlier one."""
    if parameters.least_share is None and not parameters.all_below:
        return Share(qualify, joined, min(1, qualify), "没有参加比例的要求，至少一人")
    if qualify < parameters.all_below:
        return Share(qualify, joined, qualify, f"符合条件的不足 {parameters.all_below} 人，须全员参加")
    least = parameters.least_share or ZERO
    needed = int((qualify * least).to_integral_value(ROUND_CEILING))
    return Share(qualify, joined, needed, f"符合条件的人中至少 {(least * 100).normalize():f}% 参加")


def take_out(parameters: CoverScheme, *, qualify: int, joined: int, listed: int, tier: str) -> Outcome:
    """The premium of a list. Refused, with the missing number, below the condition."""
    price = next((one.amount for one in parameters.premiums if one.tier == tier), None)
    if price is None:
        return Outcome("refused", ZERO, (NO_TIER,))
    if listed < 1:
        return Outcome("refused", ZERO, (NOBODY,))
    asked = share(parameters, qualify=qualify, joined=joined)
    if asked.missing:
        return Outcome("refused", ZERO, (f"{TOO_FEW}：{asked.words}，还差 {asked.missing} 人",))
    amount = Decimal(price) * listed
    text = f"{listed} 人 × {yuan(price)} 元"
    worked = Worked(amount=amount, lines=(Line(label="保费", text=text, amount=amount),))
    return Outcome("granted", amount, (ENOUGH,), worked)


def takes(parameters: CoverScheme, *, qualify: int, joined: int, listed: int, tier: str) -> dict[str, str]:
    """The same for worked examples beside a scheme."""
    found = take_out(parameters, qualify=qualify, joined=joined, listed=listed, tier=tier)
    return {"outcome": found.outcome, "amount": f"{found.amount:.2f}", "reason": found.reasons[0]}


for _code in PROGRAMMES:
    # A rule is of one programme, so that a decision replays under the version it names.
    rule(f"{_code}.take_out", programme=_code)(take_out)
    calculator(f"{_code}.takes", programme=_code)(takes)
