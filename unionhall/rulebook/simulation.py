"""Simulation: what a draft would change, counted over the register in one scan, by the unions below its own.

Counts are exact for today's register and the day on which the draft starts. Costs follow from counts where the sum is
fixed or stands in a table of facts; tiers depend on bills that nobody knows yet, and are said to be unknown.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Case, Count, Q, QuerySet, Value, When
from django.db.models.functions import Left
from django.utils import timezone

from unionhall.foundation.fields import PathField
from unionhall.kit.money import cents
from unionhall.members.models import Membership
from unionhall.members.tallying import hashing
from unionhall.organisations.models import Organisation

from .calculators import Fixed, Table
from .conditions import compile_q
from .drafting import Checked, check
from .eligibility import area_of, clauses_of, codes_of, condition_of
from .facts import UnknownFact, fact
from .models import SchemeDraft
from .population import people, under
from .versions import Version

#: Up to so many members are counted while the officer waits.
SMALL = 50_000
_TIMES_A_YEAR = {"ever": 1, "once": 1, "year": 1, "month": 12}


@dataclass
class Area:
    """One union below the draft's, and who qualifies there before and after."""

    path: str
    name: str
    was: int
    now: int
    gains: int
    loses: int
    cost: str | None = None


@dataclass
class Found:
    """What simulating gave, as stored with the draft; sums as text in yuan, days in ISO."""

    on: str
    digest: str
    compared: str
    was: int
    now: int
    gains: int
    loses: int
    cost_was: str | None
    cost: str | None
    per: str
    budget: str | None
    uptake: int
    expected: str | None
    spent_on: str | None
    areas: list[Area] = field(default_factory=list)


def is_small(organisation: Organisation) -> bool:
    rows = Membership.objects.everywhere(reason="how many members a simulation counts; no row is read")
    return rows.current().under(organisation).order_by()[: SMALL + 1].count() <= SMALL


def run(draft: SchemeDraft) -> Found | None:
    """Count and keep the result with the draft. None where the text has mistakes by now."""
    checked, asked = check(draft), draft.simulated or {}
    if checked.version is None:
        draft.simulation = SchemeDraft.Simulation.FAILED
        draft.save(update_fields=["simulation"])
        return None
    budget = asked.get("budget")
    found = simulate(
        checked,
        draft.organisation,
        None if budget is None else Decimal(budget),
        int(asked.get("uptake", 100)),
    )
    draft.simulation, draft.simulated = SchemeDraft.Simulation.DONE, asdict(found)
    draft.simulated_at = timezone.now()
    # Written only beside the text that was counted: someone may have changed it meanwhile.
    rows = SchemeDraft.objects.everywhere(reason="the draft that was simulated")
    rows.filter(pk=draft.pk, text=draft.text).update(
        simulation=draft.simulation, simulated=draft.simulated, simulated_at=draft.simulated_at
    )
    return found


def simulate(checked: Checked, organisation: Organisation, budget: Decimal | None, uptake: int) -> Found:
    """Compare the draft with the version it would follow, for the members below a union."""
    new, old = checked.version, checked.current
    assert new is not None
    now, was = conditions_of(checked)
    wanted = {
        "was": Count("pk", filter=was),
        "now": Count("pk", filter=now),
        "both": Count("pk", filter=was & now),
    }
    before, after = _Price.of(old), _Price.of(new)
    wanted |= before.counts("was", was) | after.counts("now", now)
    facts = counted_by(checked)
    width = len(organisation.path) + PathField.SEGMENT
    rows = people(new.starts, under(organisation.path), facts).values(area=Left("membership__path", width))
    with transaction.atomic(), hashing("256MB"):
        counted = list(rows.annotate(**wanted).order_by("area"))
    names = _names(row["area"] for row in counted)
    areas = [_area(row, names, after) for row in counted if row["was"] or row["now"]]
    total = {name: sum(row[name] for row in counted) for name in wanted}
    cost = after.cost("now", total)
    expected = None if cost is None else cost * uptake / 100
    return Found(
        on=new.starts.isoformat(),
        digest=new.digest,
        compared="" if old is None else old.digest,
        was=total["was"],
        now=total["now"],
        gains=total["now"] - total["both"],
        loses=total["was"] - total["both"],
        cost_was=_text(before.cost("was", total)),
        cost=_text(cost),
        per=str(getattr(new.parameters, "per", "") or ""),
        budget=_text(budget),
        uptake=uptake,
        expected=_text(expected),
        spent_on=_text(spent_on(new.starts, budget, expected)),
        areas=areas,
    )


def conditions_of(checked: Checked) -> tuple[Q, Q]:
    """Who would qualify, and who does now; people of narrower areas keep their own versions in both."""
    new, old = checked.version, checked.current
    assert new is not None
    on = new.starts
    held = [one for one in checked.book.versions[new.programme] if one.holds_on(on)]
    area = area_of(new, held)
    now = area & compile_q(clauses_of(new), on)
    # Looked at within the draft's area: the version it follows may hold for more people than that.
    return now, Q(pk__in=[]) if old is None else area & condition_of(old, on)


def facts_of(checked: Checked) -> set[str]:
    """Facts that decide who gains and who loses."""
    return codes_of([one for one in (checked.version, checked.current) if one is not None])


def counted_by(checked: Checked) -> set[str]:
    """Facts that the numbers tell of: those, and what tables of sums are read by."""
    return facts_of(checked) | _Price.of(checked.version).facts | _Price.of(checked.current).facts


def spent_on(starts: date, budget: Decimal | None, expected: Decimal | None) -> date | None:
    """The day on which a year's budget is spent when people come evenly over the year; None if it lasts."""
    if budget is None or not expected or expected <= budget:
        return None
    return starts + timedelta(days=int(budget * 365 / expected))


@dataclass(frozen=True)
class _Price:
    """What a version gives to each person in a year, where that is known from the register."""

    rows: dict[str, Decimal] | None
    table: Table | None = None

    @classmethod
    def of(cls, version: Version[Any] | None) -> "_Price":
        amount = getattr(version.parameters, "amount", None) if version is not None else None
        times = _TIMES_A_YEAR.get(str(getattr(version.parameters, "per", "") or "ever")) if version else None
        if isinstance(amount, Fixed) and times:
            return cls({"": amount.amount * times})
        if isinstance(amount, Table) and times and _is_known(amount.fact):
            return cls({row.value: row.amount * times for row in amount.rows}, amount)
        return cls(None)

    @property
    def facts(self) -> set[str]:
        return {self.table.fact} if self.table is not None else set()

    def counts(self, side: str, met: Q) -> dict[str, Count]:
        """How many stand in each row of the table."""
        if self.table is None:
            return {}
        name = fact(self.table.fact).alias
        return {
            f"{side}_{number}": Count("pk", filter=met & Q(**{name: value}))
            for number, value in enumerate(self.rows or {})
        }

    def cost(self, side: str, counted: dict[str, int]) -> Decimal | None:
        if self.rows is None:
            return None
        if self.table is None:
            return self.rows[""] * counted[side]
        amounts = enumerate(self.rows.values())
        return sum((amount * counted[f"{side}_{number}"] for number, amount in amounts), Decimal(0))


def _is_known(code: str) -> bool:
    try:
        return bool(fact(code))
    except UnknownFact:
        return False


def _area(row: dict[str, Any], names: dict[str, str], price: _Price) -> Area:
    was, now, both = row["was"], row["now"], row["both"]
    name = names.get(row["area"], row["area"])
    return Area(row["area"], name, was, now, now - both, was - both, _text(price.cost("now", row)))


def _names(paths: Iterable[str]) -> dict[str, str]:
    rows = Organisation.objects.everywhere(reason="names of the unions below the draft's own")
    return dict(rows.filter(path__in=list(paths)).values_list("path", "name"))


def _text(value: Any) -> str | None:
    if isinstance(value, Decimal):
        return str(cents(value))
    return None if value is None else str(value)


def affected(checked: Checked, organisation: Organisation, side: str, where: Q) -> QuerySet[Any]:
    """Persons who gain (`gains`) or lose (`loses`) by the draft, among those that `where` lets be seen."""
    now, was = conditions_of(checked)
    here, there = (now, was) if side == "gains" else (was, now)
    other = Case(When(there, then=Value(True)), default=Value(False), output_field=BooleanField())
    assert checked.version is not None
    rows: QuerySet[Any] = people(checked.version.starts, under(organisation.path), facts_of(checked))
    found: QuerySet[Any] = rows.filter(here & where).alias(other_side=other)
    return found.filter(other_side=False).order_by("pk")
