"""How far the network reaches: figures of a union and of each union below it, and a plan against what was built."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, CharField, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import ExtractYear, Left

from unionhall.foundation.actors import NoAccess
from unionhall.foundation.scope import Access
from unionhall.indicators import registry
from unionhall.organisations.kinds import Chain, Kind
from unionhall.organisations.models import Organisation
from unionhall.organisations.paths import WIDTH
from unionhall.organisations.subtrees import Subtree

from .models import LEVELS, RECEIVING, NetworkPlan, Node, PlanTarget

VIEW = "network.view"
#: Label, what is reached, of how many.
SHARES = (
    ("乡镇（街道）有站点", "network.streets_served", "network.streets"),
    ("县（市、区）有四位一体中心", "network.counties_served", "network.counties"),
    ("百人以上单位建家", "network.firms_with_home", "network.large_firms"),
    ("网格有网格员", "network.cells_staffed", "network.cells"),
)
COUNTS = (
    "network.nodes", "network.demonstrations", "network.upper_centres", "network.firm_demonstrations",
    "network.self_built",
)  # fmt: skip
CODES = (*(code for _, *pair in SHARES for code in pair), *COUNTS)


@dataclass(frozen=True)
class Here(Subtree):
    """A subtree today, through someone's eyes: the `where` of an indicator."""

    access: Access = field(default_factory=NoAccess)


@dataclass(frozen=True)
class Chains:
    """Industry unions beside regional ones, counted along their chains together: also the `where` of an indicator."""

    places: tuple[Here, ...]
    day: None = None

    @property
    def organisation(self) -> Organisation:
        """Any of them: they stand in one federation, under the same standards."""
        return self.places[0].organisation

    @property
    def access(self) -> Access:
        return self.places[0].access

    def q(self, to: str = "", *, copied: bool = False) -> Q:
        condition = Q(pk__in=[])
        for one in self.places:
            condition |= one.q(to, copied=copied)
        return condition

    def which(self, to: str) -> Case:
        """The id, as text, of the union in whose chain a record stands."""
        cases = [When(one.q(to), then=Value(str(one.organisation.pk))) for one in self.places]
        return Case(*cases, output_field=CharField())


@dataclass(frozen=True)
class Share:
    """So many of so many, in words that need no colour."""

    label: str
    reached: int
    of: int

    @property
    def percent(self) -> int | None:
        """Whole per cent, rounded down so that 100 means all; None of nothing."""
        return self.reached * 100 // self.of if self.of else None


@dataclass(frozen=True)
class Row:
    """One union below, with its figures."""

    organisation: Organisation
    shares: list[Share]
    nodes: int
    demonstrations: int


def shares(figures: dict[str, int]) -> list[Share]:
    return [Share(label, figures[reached], figures[of]) for label, reached, of in SHARES]


def values(union: Organisation, access: Access) -> dict[str, int]:
    """The union's own figures: one statement for each kind of record."""
    return registry.values(CODES, Here(union, None, access))


def rows(union: Organisation, access: Access) -> list[Row]:
    """Each union directly below that the reader sees, in tree order."""
    here = Here(union, None, access)
    below = _below(union, access)
    found = registry.tally(CODES, here, lambda records, one: (records, _child(here, one.to)))
    chains = _chains(union, access, below)
    if chains is not None:
        beside = registry.tally(CODES, chains, lambda records, one: (records, chains.which(one.to)))
        found |= {path: beside.get(str(one.pk), {}) for path, one in below if one.kind == Kind.INDUSTRY}
    answer = []
    for path, child in below:
        figures = dict.fromkeys(CODES, 0) | found.get(path, {})
        answer.append(Row(child, shares(figures), figures[COUNTS[0]], figures[COUNTS[1]]))
    return answer


def _below(union: Organisation, access: Access) -> list[tuple[str, Organisation]]:
    """Path in the chain that is drilled → union, as far as the reader sees."""
    seen = Organisation.objects.visible_to(access, to=VIEW).active()
    found = [(one.path, one) for one in seen.filter(parent=union)]
    if union.kind == Kind.INDUSTRY:
        known = {one.pk for _, one in found}
        chain = seen.filter(industry_parent=union).exclude(pk__in=known)
        found += [(one.second_path, one) for one in chain]
    return sorted(found, key=lambda item: item[0])


def _chains(union: Organisation, access: Access, below: list[tuple[str, Organisation]]) -> Chains | None:
    """The industry unions among regional ones; None when there are none, or a chain is drilled itself."""
    unions = [one for _, one in below if one.kind == Kind.INDUSTRY]
    if not unions or union.kind == Kind.INDUSTRY:
        return None
    return Chains(tuple(Here(one, None, access) for one in unions))


def _child(here: Here, to: str) -> Any:
    """The path of the child that a record stands under; the chain beside it for an industry's own."""
    prefix = f"{to}__" if to else ""
    own = here.organisation.path
    regional = Left(f"{prefix}path", len(own) + WIDTH)
    if Chain.INDUSTRY not in here.chains:
        return regional
    base = here.organisation.path_in(Chain.INDUSTRY)
    inside = When(Q(**{f"{prefix}path__startswith": own}), then=regional)
    return Case(inside, default=Left(f"{prefix}second_path", len(base) + WIDTH), output_field=CharField())


def by_level(union: Organisation, access: Access) -> list[dict[str, Any]]:
    """Nodes that receive people on each of the five levels, by kind: whether all five are covered."""
    seen = Node.objects.visible_to(access, to=VIEW).filter(
        Here(union, None, access).q("organisation"), state__in=RECEIVING
    )
    counted: dict[int, dict[str, int]] = defaultdict(dict)
    for level, kind, number in seen.values_list("level", "kind").annotate(n=Count("pk")).order_by():
        counted[level][kind] = number
    return [
        {
            "level": level, "label": label, "all": sum(counted[level].values()),
            "kinds": [counted[level].get(kind, 0) for kind in Node.Kind.values],
        }
        for level, label in LEVELS
        if level >= union.level
    ]  # fmt: skip


# Plan against fact --------------------------------------------------------------------------------------------------

#: Measure → the day on which a node fulfils it, and which nodes can.
DONE: dict[str, tuple[str, Q]] = {
    "upgrade": ("upgraded_on", Q()),
    "new": ("opened_on", Q(build="new")),
    "joint": ("opened_on", Q(build="joint")),
    "demonstration": ("demonstration_on", Q()),
}


@dataclass
class Line:
    """A measure for a kind: what the plan asks of each year, and what was done in it."""

    kind: str
    measure: str
    planned: dict[int, int]
    done: dict[int, int]

    @property
    def label(self) -> str:
        return f"{PlanTarget.Measure(self.measure).label}{Node.Kind(self.kind).label}"

    @property
    def total(self) -> Share:
        return Share(self.label, sum(self.done.values()), sum(self.planned.values()))

    def cells(self, years: range) -> list[tuple[int, int]]:
        return [(self.done.get(year, 0), self.planned.get(year, 0)) for year in years]


def lines(plan: NetworkPlan, access: Access) -> list[Line]:
    """The plan's own targets against the nodes of the union's subtree: one statement and one for each measure in it."""
    planned: dict[tuple[str, str], dict[int, int]] = defaultdict(dict)
    for target in plan.targets.all():
        planned[target.kind, target.measure][target.year] = target.number
    inside = Here(plan.organisation, None, access).q("organisation")
    done = {
        measure: _done(Node.objects.visible_to(access, to=VIEW).filter(inside), measure, plan)
        for measure in {measure for _, measure in planned}
    }
    return [
        Line(kind, measure, years, {year: n for (of, year), n in done[measure].items() if of == kind})
        for (kind, measure), years in sorted(planned.items())
    ]


def _done(seen: QuerySet[Any], measure: str, plan: NetworkPlan) -> dict[tuple[str, int], int]:
    day, which = DONE[measure]
    rows = seen.filter(which, **{f"{day}__year__range": (plan.first_year, plan.last_year)})
    tally = rows.values("kind", done_in=ExtractYear(day)).annotate(n=Count("pk")).order_by()
    return {(kind, year): n for kind, year, n in tally.values_list("kind", "done_in", "n")}


@dataclass(frozen=True)
class Area:
    """A union below: what its own plan asks up to the end, and what its subtree has done in the same years."""

    organisation: Organisation
    total: Share
    has_plan: bool


def areas(plan: NetworkPlan, access: Access) -> list[Area]:
    """Plan against fact of each union directly below, over this plan's years."""
    below = _below(plan.organisation, access)
    here = Here(plan.organisation, None, access)
    years = (plan.first_year, plan.last_year)
    targets = PlanTarget.objects.visible_to(access, to=VIEW).filter(
        plan__organisation__in=[one.pk for _, one in below], year__range=years
    )
    planned = dict(targets.values_list("plan__organisation").annotate(n=Sum("number")).order_by())
    chains = _chains(plan.organisation, access, below)
    regional = _tally(here, _child(here, "organisation"), years)
    beside = _tally(chains, chains.which("organisation"), years) if chains is not None else {}
    answer = []
    for path, one in below:
        along = chains is not None and one.kind == Kind.INDUSTRY
        done = beside.get(str(one.pk), 0) if along else regional.get(path, 0)
        answer.append(Area(one, Share(one.name, done, planned.get(one.pk, 0)), one.pk in planned))
    return answer


def _tally(where: Here | Chains, place: Any, years: tuple[int, int]) -> dict[str, int]:
    """What was done of any measure within years, by place: one statement for each measure."""
    done: dict[str, int] = defaultdict(int)
    for day, which in DONE.values():
        seen = Node.objects.visible_to(where.access, to=VIEW).filter(where.q("organisation"), which)
        rows = seen.filter(**{f"{day}__year__range": years})
        tally = rows.values(place=place).annotate(n=Count("pk")).order_by()
        for path, number in tally.values_list("place", "n"):
            done[path] += number
    return done


def fulfilment(union: Organisation, access: Access) -> tuple[NetworkPlan, Share] | None:
    """The union's latest plan with what was done of all it asks; None without a plan."""
    plan = plans_over(union).select_related("organisation").first()
    if plan is None:
        return None
    totals = [one.total for one in lines(plan, access)]
    return plan, Share(plan.title, sum(one.reached for one in totals), sum(one.of for one in totals))


def plans_over(union: Organisation) -> QuerySet[NetworkPlan]:
    """Plans of the union itself, the latest first."""
    found = NetworkPlan.objects.everywhere(reason="plans of a union the reader may open")
    return found.filter(organisation=union).order_by(F("first_year").desc())
