"""An object in the `alpha` union for every address that asks for one, with where it stands and whose it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.world import World


@dataclass(frozen=True)
class Sample:
    """Arguments for the address; the paths of the union(s) the object stands in; the account that owns it."""

    kwargs: dict[str, Any] = field(default_factory=dict)
    paths: tuple[str, ...] = ()
    owner: str = ""


SAMPLES: dict[str, Callable[[World], Sample]] = {}
