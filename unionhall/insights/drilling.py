"""Figures of one union's subtree, of each union below it, and of the same day a year before."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Left
from django.utils import timezone

from unionhall.foundation.actors import NoAccess
from unionhall.foundation.scope import Access
from unionhall.indicators import registry
from unionhall.kit.periods import years_after
from unionhall.organisations.kinds import Chain, Kind
from unionhall.organisations.models import Naming, Organisation, Placement
from unionhall.organisations.paths import WIDTH
from unionhall.organisations.subtrees import Subtree


@dataclass(frozen=True)
class Place(Subtree):
    """A subtree as of a day through someone's eyes: the `where` of every indicator."""

    access: Access = field(default_factory=NoAccess)


def place(organisation: Organisation, access: Access, day: date | None = None) -> Place:
    """Today is kept as None: then the copied paths answer, without a look at the history."""
    return Place(organisation, None if day is None or day >= timezone.localdate() else day, access)


def year_before(where: Place) -> Place:
    """The same place a year earlier."""
    return Place(where.organisation, years_after(where.day or timezone.localdate(), -1), where.access)


@dataclass(frozen=True)
class Several:
    """Several places of one day and one pair of eyes, counted together: also the `where` of an indicator."""

    places: tuple[Place, ...]

    @property
    def day(self) -> date | None:
        return self.places[0].day

    @property
    def access(self) -> Access:
        return self.places[0].access

    def q(self, to: str = "", *, copied: bool = False) -> Q:
        condition = Q(pk__in=[])
        for one in self.places:
            condition |= one.q(to, copied=copied)
        return condition

    def which(self, to: str) -> Case:
        """The number of the place, as text, that a row stands in."""
        cases = [When(one.q(to), then=Value(str(number))) for number, one in enumerate(self.places)]
        return Case(*cases, output_field=CharField())


@dataclass(frozen=True)
class Below:
    """A union directly below, its figures, and its name on the day.

    `beside`: an industry union among regional ones. It counts its chain, and what it counts stands in a region too.
    """

    organisation: Organisation
    name: str
    figures: dict[str, int]
    beside: bool = False


def by_child(
    codes: Iterable[str], where: Place, children: dict[str, Organisation] | None = None
) -> list[Below]:
    """Figures of every union directly below, counted live: one GROUP BY for all figures over the same records."""
    codes = list(codes)
    children = children_of(where) if children is None else children
    if not children:
        return []
    width = len(next(iter(children))) if children else 0
    found = registry.tally(codes, where, lambda rows, one: _grouped_by(rows, one.to, where, width))
    names = dict(
        Naming.objects.everywhere(reason="names on the day of unions already scoped")
        .filter(organisation__in=[child.pk for child in children.values()], period__contains=day_of(where))
        .values_list("organisation_id", "name")
    )
    chains = industry_chains(codes, where, children.values())
    empty = dict.fromkeys(codes, 0)
    return [
        Below(
            child,
            names.get(child.pk, child.name),
            empty | chains.get(child.pk, found.get(path, {})),
            child.pk in chains,
        )
        for path, child in children.items()
    ]


def industry_chains(
    codes: list[str], where: Place, children: Iterable[Organisation]
) -> dict[int, dict[str, int]]:
    """Figures of the industry unions among regional ones, along their chains; none when a chain is drilled itself."""
    unions = [child for child in children if child.kind == Kind.INDUSTRY]
    if not unions or where.organisation.kind == Kind.INDUSTRY:
        return {}
    several = Several(tuple(Place(union, where.day, where.access) for union in unions))
    found = registry.tally(codes, several, lambda rows, one: (rows, several.which(one.to)))
    none = dict.fromkeys(codes, 0)
    return {union.pk: none | found.get(str(number), {}) for number, union in enumerate(unions)}


def day_of(where: Place) -> date:
    return where.day or timezone.localdate()


def children_of(where: Place) -> dict[str, Organisation]:
    """Path (in the chain that is drilled) → union directly below, on the day, as far as the actor may see figures."""
    rows = Placement.objects.visible_to(where.access, to="organisations.figures")
    rows = rows.filter(parent=where.organisation, period__contains=day_of(where), chain__in=where.chains)
    found: dict[int, tuple[str, Organisation]] = {}
    for row in rows.select_related("organisation").order_by("path"):
        # One that stands below in both chains is drilled in the regional one.
        if row.organisation_id not in found or row.chain == Chain.REGION:
            found[row.organisation_id] = (row.path, row.organisation)
    return dict(sorted(found.values(), key=lambda item: item[0]))


def _grouped_by(rows: QuerySet[Any], to: str, where: Place, width: int) -> tuple[QuerySet[Any], Any]:
    """Rows and the expression for the path of the child they stand under; `to` is the look-up to their union."""
    prefix = f"{to}__" if to else ""
    own = where.organisation.path
    if where.day is None:
        if where.organisation.kind != Kind.INDUSTRY:
            return rows, Left(f"{prefix}path", width)
        inside = When(Q(**{f"{prefix}path__startswith": own}), then=Left(f"{prefix}path", len(own) + WIDTH))
        base = where.organisation.path_in(Chain.INDUSTRY)
        beside = Left(f"{prefix}second_path", len(base) + WIDTH)
        return rows, Case(inside, default=beside, output_field=CharField())
    path = where.organisation.path_on(where.day) or own
    on_day = {f"{prefix}placements__period__contains": where.day}
    if where.organisation.kind != Kind.INDUSTRY:
        rows = rows.filter(**on_day, **{f"{prefix}placements__chain": Chain.REGION})
        return rows, Left(f"{prefix}placements__path", width)
    base = where.organisation.path_on(where.day, Chain.INDUSTRY) or path
    stood = Q(
        **{f"{prefix}placements__chain": Chain.REGION, f"{prefix}placements__path__startswith": path}
    ) | Q(**{f"{prefix}placements__chain": Chain.INDUSTRY, f"{prefix}placements__path__startswith": base})
    rows = rows.filter(stood, **on_day)
    region = When(
        Q(**{f"{prefix}placements__chain": Chain.REGION}),
        then=Left(f"{prefix}placements__path", len(path) + WIDTH),
    )
    return rows, Case(
        region, default=Left(f"{prefix}placements__path", len(base) + WIDTH), output_field=CharField()
    )


def top_for(access: Access) -> Organisation | None:
    """The highest union whose figures the actor may see: where drilling starts."""
    rows = Organisation.objects.visible_to(access, to="organisations.figures").active()
    return rows.order_by("level", F("path")).first()
