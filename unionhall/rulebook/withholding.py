"""What somebody may see of a draft's people and numbers who may not read the facts that decide about them.

To be on the list of those who lose by "has a hardship file" tells as much as the file: such a list is shown to nobody
else. Numbers are then those that the scheme `statistics` lets everybody see.
"""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.permissions import permission
from unionhall.organisations.models import Organisation

from .book import scheme
from .eligibility import DIVISION
from .facts import ROSTER, Fact, fact
from .programmes import calculator_of
from .simulation import spent_on

_COUNTS = ("was", "now", "gains", "loses")


def closed(actor: Actor, codes: Collection[str], organisation: Organisation) -> list[Fact]:
    """Of these facts those whose values the actor may not read in the whole union."""
    facts = [fact(code) for code in sorted(codes) if code != DIVISION]
    return [one for one in facts if not actor.may(one.permission, *organisation.paths)]


def unlisted(facts: Iterable[Fact]) -> str:
    """Why people are not listed, "" where they are: of the register's own facts each sees his own people's."""
    found = [one for one in facts if one.permission != ROSTER]
    if not found:
        return ""
    labels = "、".join(f"“{one.label}”" for one in found)
    needed = "、".join(dict.fromkeys(f"“{permission(one.permission).label}”" for one in found))
    return f"条件涉及{labels}，名单只给有{needed}权限的人看。需要核对名单的，请由有权限的干部办理。"


def coarse(found: dict[str, Any], organisation: Organisation) -> dict[str, Any]:
    """A stored simulation in rounded numbers; what is too small, and its cost, is None. `smallest` says how small."""
    parameters = scheme("statistics", timezone.localdate(), organisation.division).parameters

    def count(exact: int) -> int | None:
        few = 0 < exact < parameters.smallest_cell
        return None if few else int(_call("statistics.rounded", parameters, count=exact))

    def cost(exact: str | None, people: int) -> str | None:
        if exact is None:
            return None
        shown = _call("statistics.coarse_sum", parameters, amount=int(Decimal(exact)), count=people)
        return None if shown is None else str(shown)

    def row(exact: dict[str, Any]) -> dict[str, Any]:
        counts = {name: count(exact[name]) for name in _COUNTS}
        return exact | counts | {"cost": cost(exact["cost"], exact["now"])}

    told = row(found) | {"areas": [row(one) for one in found["areas"]], "smallest": parameters.smallest_cell}
    told["cost_was"] = cost(found["cost_was"], found["was"])
    expected = None if told["cost"] is None else Decimal(told["cost"]) * found["uptake"] / 100
    budget = None if found["budget"] is None else Decimal(found["budget"])
    spent = spent_on(date.fromisoformat(found["on"]), budget, expected)
    told["expected"] = None if expected is None else str(expected)
    told["spent_on"] = None if spent is None else spent.isoformat()
    return told


def _call(name: str, parameters: Any, **given: int) -> Any:
    """A calculator of the scheme `statistics`, by its name: its room stands above this one."""
    known = calculator_of(name)
    assert known is not None, name
    return known.call(parameters, **given)
