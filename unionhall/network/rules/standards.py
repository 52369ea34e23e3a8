"""What the network asks for, as the scheme in force says it: a checklist, firms that need a home, item kinds. Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Check:
    """A point of the acceptance. `above_area`: it is met by an area above so many square metres, and by nothing else.

    `all_functions`: by a node that has all four functions. The others are for the acceptor's eyes.
    """

    code: str
    label: str
    kinds: frozenset[str]
    source: str = ""
    above_area: Decimal | None = None
    all_functions: bool = False

    @property
    def by_eye(self) -> bool:
        return self.above_area is None and not self.all_functions


@dataclass(frozen=True)
class ItemKind:
    """A kind of daily item: its name and within how many working days each level answers."""

    code: str
    label: str
    days: int


@dataclass(frozen=True)
class Standards:
    """`version` names the scheme and its first day, for what was decided under it."""

    checks: tuple[Check, ...]
    home_from_staff: int
    five: tuple[str, ...]
    item_kinds: tuple[ItemKind, ...]
    version: str
    source: str = ""

    def checks_of(self, kind: str) -> list[Check]:
        return [one for one in self.checks if kind in one.kinds]

    def item_kind(self, code: str) -> ItemKind | None:
        return next((one for one in self.item_kinds if one.code == code), None)


FUNCTIONS = frozenset({"rights", "service", "learning", "activity"})


@dataclass(frozen=True)
class Judged:
    """A point with its answer and what was found."""

    check: Check
    met: bool
    found: str


def judge(
    checks: Collection[Check], *, area: Decimal | None, functions: Collection[str], seen: Collection[str]
) -> list[Judged]:
    """Each point met or not: areas and functions by the node's own facts, the others by what the acceptor ticked."""
    answered = []
    for one in checks:
        if one.above_area is not None:
            met = area is not None and area > one.above_area
            answered.append(Judged(one, met, "没有登记面积" if area is None else f"登记面积 {area} 平方米"))
        elif one.all_functions:
            missing = len(FUNCTIONS - set(functions))
            answered.append(Judged(one, not missing, f"还缺 {missing} 项功能" if missing else "四项功能齐全"))
        else:
            met = one.code in seen
            answered.append(Judged(one, met, "现场核对符合" if met else "现场核对不符合"))
    return answered
