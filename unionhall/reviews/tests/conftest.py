"""Fixtures of review. This file is read before Django is set up, so it imports models only when they are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.world import World

    from .matters import Submit, Trial


@pytest.fixture
def trial() -> Iterator[Trial]:
    """A registered procedure, and what its hooks were told."""
    from unionhall.reviews import procedures

    from .matters import Trial, trial_procedure

    told = Trial()
    procedures.register(trial_procedure(told))
    yield told
    del procedures._procedures["trial"]


@pytest.fixture
def submit(world: World, trial: Trial) -> Submit:
    """`submit(by="worker_alpha", steps=[("alpha", Role.CHAIR, 5)])`."""
    from .matters import submitter

    return submitter(world)
