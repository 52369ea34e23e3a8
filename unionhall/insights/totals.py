"""The total of the register's plain list, from the rollups: exact, and at ten million as quick as at ten thousand."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.db.models import Exists, Q

from unionhall.foundation.compiled import Compiled
from unionhall.foundation.scope import Access
from unionhall.organisations.kinds import Kind
from unionhall.organisations.models import Organisation
from unionhall.organisations.paths import WIDTH

from . import figures, rollups
from .drilling import place
from .models import RollupState

__all__ = ["of_scope"]


@lru_cache(maxsize=500)
def _top(prefix: str) -> Compiled[Any]:
    """The union at the top, once the rollups are built, with `has_elsewhere`: whether the industry chain brings unions
    in from elsewhere."""
    rows = Organisation.objects.everywhere(reason="the union at the top of the actor's own scope")
    elsewhere = rows.filter(second_path__startswith=prefix)
    if (
        len(prefix) == WIDTH
    ):  # of a whole tree: nearly all of it is under the prefix, so only the rest is looked into
        elsewhere = elsewhere.filter(Q(path__lt=prefix) | Q(path__gte=prefix + "~"))
    else:
        elsewhere = elsewhere.exclude(path__startswith=prefix)
    union = rows.filter(Exists(RollupState.objects.all()), path=prefix).exclude(kind=Kind.INDUSTRY)
    return Compiled(lambda: union.annotate(has_elsewhere=Exists(elsewhere)))


def of_scope(access: Access, prefixes: Sequence[str]) -> dict[str, int] | None:
    """Counts of one regional subtree as the list shows them; None where the rollups don't hold just that.

    That is below their depth, before they are built, in an industry chain, where the chain brings members in from
    elsewhere, and for who may not see the figures of all of it.
    """
    if len(prefixes) != 1 or len(prefixes[0]) > rollups.CELL_DEPTH * WIDTH:
        return None
    (prefix,) = prefixes
    if not any(prefix.startswith(held) for held in access.prefixes(figures.FIGURES)):
        return None
    union = next(iter(_top(prefix)()), None)
    if union is None or union.has_elsewhere:
        return None
    where = place(union, access)
    found = figures.values(("members.count", "members.retained"), where)
    by_sex = dict(figures.breakdown("members.count", where, "sex"))
    total, retained = found["members.count"], found["members.retained"]
    return {
        "total": total,
        "active": total - retained,
        "retained": retained,
        "men": by_sex.get("1", 0),
        "women": by_sex.get("2", 0),
    }
