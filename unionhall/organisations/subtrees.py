"""What belongs to a union's subtree, today or as the tree stood on a day: one condition for lists and for counts."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from unionhall.foundation.scope import ScopedQuerySet

from .kinds import Chain, Kind
from .models import Organisation, Placement


@dataclass(frozen=True)
class Subtree:
    """A union and all below it. An industry union's subtree is its regional one together with its industry chain.

    `day` None is today. Rows are asked by the look-ups to their union: `subtree.q("organisation")`.
    """

    organisation: Organisation
    day: date | None = None

    @property
    def chains(self) -> tuple[str, ...]:
        return (Chain.REGION, Chain.INDUSTRY) if self.organisation.kind == Kind.INDUSTRY else (Chain.REGION,)

    def q(self, to: str = "", *, copied: bool = False) -> Q:
        """`to`: the look-up from the row to its union ("" for unions). `copied`: the row copies the paths."""
        prefix = "" if copied or not to else f"{to}__"
        if self.day is None:
            condition = Q(**{f"{prefix}path__startswith": self.organisation.path})
            if Chain.INDUSTRY in self.chains:
                below = self.organisation.path_in(Chain.INDUSTRY)
                condition |= Q(**{f"{prefix}second_path__startswith": below})
            return condition
        return Q(**{f"{to or 'pk'}__in": self._placed().values("organisation")})

    def _placed(self) -> ScopedQuerySet[Placement]:
        rows = Placement.objects.everywhere(reason="where unions stood decides what a subtree was")
        own = dict(
            Placement.objects.everywhere(reason="a union's own history")
            .filter(organisation=self.organisation, period__contains=self.day)
            .values_list("chain", "path")
        )
        if Chain.REGION not in own:
            return rows.none()
        condition = Q(chain=Chain.REGION, path__startswith=own[Chain.REGION])
        if Chain.INDUSTRY in self.chains:
            base = own.get(Chain.INDUSTRY, own[Chain.REGION])
            condition |= Q(chain=Chain.INDUSTRY, path__startswith=base)
        return rows.filter(condition, period__contains=self.day)
