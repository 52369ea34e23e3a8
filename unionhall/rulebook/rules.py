"""Rules: the pure functions behind decisions. A rule sees parameters and inputs only, so it can be replayed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypeVar

from pydantic import ConfigDict, validate_call

from .calculators import ZERO, Worked

Result = Literal["granted", "refused", "exception"]


@dataclass(frozen=True)
class Outcome:
    """What a rule decides: the result, the sum in yuan, reasons as sentences without particulars, the arithmetic."""

    outcome: Result
    amount: Decimal = ZERO
    reasons: tuple[str, ...] = ()
    worked: Worked | None = None


Many = Callable[[Any, Sequence[dict[str, Any]]], Sequence[Outcome]]


@dataclass(frozen=True)
class Rule:
    """A named rule `(parameters, **inputs) -> Outcome`. `many`, if any, answers for many inputs at once, the same."""

    name: str
    programme: str
    call: Callable[..., Outcome] = field(compare=False)
    many: Many | None = field(default=None, compare=False)

    def decide(self, parameters: Any, inputs: dict[str, Any]) -> Outcome:
        """Inputs as stored (JSON values) are read by the rule's annotations."""
        return self.call(parameters, **inputs)

    def decide_many(self, parameters: Any, inputs: Sequence[dict[str, Any]]) -> Sequence[Outcome]:
        if self.many is not None:
            return self.many(parameters, inputs)
        return [self.call(parameters, **one) for one in inputs]


_rules: dict[str, Rule] = {}
FunctionT = TypeVar("FunctionT", bound=Callable[..., Outcome])


class UnknownRule(LookupError):
    """A rule was asked for that no room registers."""


def rule(name: str, *, programme: str, many: Many | None = None) -> Callable[[FunctionT], FunctionT]:
    """Decorate a pure function so that decisions may name it. Inputs are checked against its annotations.

    `many(parameters, inputs)` may answer in bulk; it is given inputs as they are stored and has to agree.
    """

    def register(function: FunctionT) -> FunctionT:
        if name in _rules:
            raise ValueError(f"rule {name} is registered twice")
        checked = validate_call(config=ConfigDict(arbitrary_types_allowed=True))(function)
        _rules[name] = Rule(name, programme, checked, many)
        return function

    return register


def rule_of(name: str) -> Rule:
    try:
        return _rules[name]
    except KeyError:
        raise UnknownRule(name) from None
