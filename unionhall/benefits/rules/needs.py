"""Counts that do not give anybody away. No database, no clock."""

from collections.abc import Mapping
from typing import TypeVar

KeyT = TypeVar("KeyT")


def protected(counts: Mapping[KeyT, int], smallest: int) -> dict[KeyT, int | None]:
    """Counts of parts of a whole that is shown: small ones are withheld, and as many others as it takes.

    A single withheld part would be the whole less the others: what is withheld adds up to `smallest` at least, and is
    never one part alone unless nothing else could hide it. Nought is no secret.
    """
    hidden = {key for key, count in counts.items() if 0 < count < smallest}
    if not hidden:
        return dict(counts)
    others = sorted((count, str(key), key) for key, count in counts.items() if count and key not in hidden)
    for _, _, key in others:
        if len(hidden) > 1 and sum(counts[one] for one in hidden) >= smallest:
            break
        hidden.add(key)
    return {key: None if key in hidden else count for key, count in counts.items()}
