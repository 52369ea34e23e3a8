"""How many members a whole scope has, told by a room above that counts ahead: the plain list need not count them."""

from collections.abc import Callable, Sequence

from unionhall.foundation.scope import Access

#: The counts of `finding.facets` for all open memberships of a scope, or None where they are not counted ahead.
Supply = Callable[[Access, Sequence[str]], dict[str, int] | None]

_supply: Supply | None = None


def supply(known: Supply | None) -> None:
    """Called by the room that counts. The last call holds: tests put their own."""
    global _supply
    _supply = known


def known(access: Access, prefixes: Sequence[str]) -> dict[str, int] | None:
    """Exact counts of everything under the prefixes, today; None: count them yourself."""
    return _supply(access, prefixes) if _supply is not None else None
