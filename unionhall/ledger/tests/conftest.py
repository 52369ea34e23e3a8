"""Fixtures of money. This file is read before Django is set up, so it imports models only when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.world import World
    from unionhall.ledger.models import Budget

    from .money import Trial


@pytest.fixture
def trial() -> Iterator[Trial]:
    """A registered purpose, and what its hooks were told."""
    from unionhall.ledger import purposes

    from .money import Trial, trial_purpose

    told = Trial()
    purposes.register(trial_purpose(told))
    yield told
    del purposes._purposes["trial"]


@pytest.fixture
def budget(world: World, trial: Trial) -> Budget:
    """Ten thousand yuan of 江城市总工会 for this year."""
    from .money import opened

    return opened(world)
