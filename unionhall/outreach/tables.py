"""The year's table: what each union and each cadre did, against what the scheme asks."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import Left
from django.utils import timezone

from unionhall.foundation.scope import Access
from unionhall.indicators import registry
from unionhall.organisations.models import Organisation

from . import cadres
from .actions.holding import scheme_of
from .models import Visit, VisitItem, Visitor, VisitStop
from .places import Place, days_of
from .schemes import Target

VIEW = "outreach.view"
CODES = (
    "outreach.visits",
    "outreach.person_visits",
    "outreach.firms_reached",
    "outreach.families_reached",
    "outreach.workers_met",
    "outreach.items",
    "outreach.items_settled",
    "outreach.items_on_time",
    "outreach.items_late",
    "outreach.ratings",
    "outreach.ratings_good",
    "outreach.ratings_by_slip",
    "outreach.duties",
    "outreach.duties_on_time",
    "outreach.duties_late",
)
#: Units that one page shows; a union with more is drilled by its parts.
MOST_UNITS = 300


@dataclass(frozen=True)
class UnitRow:
    """A union with its subtree (`own`: without what stands below it)."""

    organisation: Organisation
    figures: dict[str, int]
    own: bool = False

    @property
    def shares(self) -> dict[str, float | None]:
        """Of problems that were answered or are late those in time, of ratings the good ones, and those by slip."""
        of = self.figures
        wholes = {
            "items": (of["outreach.items_on_time"], of["outreach.items_settled"] + of["outreach.items_late"]),
            "ratings": (of["outreach.ratings_good"], of["outreach.ratings"]),
            "slips": (of["outreach.ratings_by_slip"], of["outreach.ratings"]),
        }
        return {name: part / whole if whole else None for name, (part, whole) in wholes.items()}


@dataclass(frozen=True)
class CadreRow:
    """One cadre's year. `met` says of each target whether it is reached; None where none is set."""

    account_id: int
    name: str
    days: int = 0
    visits: int = 0
    firms: int = 0
    families: int = 0
    workers: int = 0
    items: int = 0
    on_time: int = 0
    late: int = 0
    target: Target | None = None

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        wanted = self.target
        return (
            self.days >= wanted.days_on_line
            and self.firms >= wanted.firms
            and self.families >= wanted.families
        )


class YearTable:
    """Of one union in one year: its whole, its parts directly below, its own cadres."""

    def __init__(self, organisation: Organisation, access: Access, year: int) -> None:
        self.organisation, self.access, self.year = organisation, access, year
        self.where = Place(organisation, None, access, year)

    @cached_property
    def target(self) -> Target | None:
        return scheme_of(self.organisation).parameters.target(self.organisation.level)

    @cached_property
    def whole(self) -> UnitRow:
        """Six statements, whatever the size of the tree."""
        return UnitRow(self.organisation, registry.values(CODES, self.where))

    @cached_property
    def units(self) -> list[UnitRow]:
        """The union itself first, then each union directly below with its subtree; those without a visit too."""
        rows = Organisation.objects.visible_to(self.access, to=VIEW).active()
        children = list(rows.filter(parent=self.organisation).in_tree_order()[:MOST_UNITS])
        width = len(children[0].path) if children else 0
        found = registry.tally(
            CODES, self.where, lambda found, one: (found, Left(f"{one.to}__path", width or 60))
        )
        empty = dict.fromkeys(CODES, 0)
        own = UnitRow(self.organisation, empty | found.get(self.organisation.path, {}), own=True)
        return [own, *(UnitRow(one, empty | found.get(one.path, {})) for one in children)]

    @cached_property
    def people(self) -> list[CadreRow]:
        """The union's own cadres, those who never went too; four statements."""
        found = {one.account_id: one.account.display_name for one in cadres.colleagues(self.organisation)}
        went = {one["account"]: one for one in self._went()}
        found |= {pk: one["account__display_name"] for pk, one in went.items()}
        saw = {one["visit__visitors__account"]: one for one in self._saw()}
        owed = {one["owner"]: one for one in self._owed()}
        rows = [
            CadreRow(
                pk,
                name,
                days=went.get(pk, {}).get("days", 0),
                visits=went.get(pk, {}).get("visits", 0),
                firms=saw.get(pk, {}).get("firms", 0),
                families=saw.get(pk, {}).get("families", 0),
                workers=saw.get(pk, {}).get("workers") or 0,
                items=owed.get(pk, {}).get("items", 0),
                on_time=owed.get(pk, {}).get("settled", 0),
                late=owed.get(pk, {}).get("late", 0),
                target=self.target,
            )
            for pk, name in found.items()
        ]
        return sorted(rows, key=lambda one: (-one.days, -one.firms, one.name))

    def _went(self) -> Sequence[dict[str, Any]]:
        rows = Visitor.objects.visible_to(self.access, to=VIEW).filter(
            visit__organisation=self.organisation,
            visit__state__in=Visit.MADE,
            visit__on__range=days_of(self.where),
        )
        return rows.values("account", "account__display_name").annotate(  # type: ignore[return-value]
            days=Count("visit__on", distinct=True), visits=Count("pk")
        )

    def _saw(self) -> Sequence[dict[str, Any]]:
        rows = VisitStop.objects.visible_to(self.access, to=VIEW).filter(
            visit__organisation=self.organisation,
            visit__state__in=Visit.MADE,
            visit__on__range=days_of(self.where),
        )
        return rows.values("visit__visitors__account").annotate(  # type: ignore[return-value]
            firms=Count("employer", distinct=True),
            families=Count("person", distinct=True),
            workers=Sum("workers_met"),
        )

    def _owed(self) -> Sequence[dict[str, Any]]:
        rows = VisitItem.objects.visible_to(self.access, to=VIEW).filter(
            organisation=self.organisation, created_at__date__range=days_of(self.where)
        )
        late = Q(state__in=VisitItem.OPEN, due_on__lt=timezone.localdate())
        return rows.values("owner").annotate(  # type: ignore[return-value]
            items=Count("pk"),
            settled=Count("pk", filter=Q(state="settled", on_time=True)),
            late=Count("pk", filter=late),
        )
