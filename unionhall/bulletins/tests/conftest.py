"""Fixtures of publishing. This file is read before Django is set up, so it imports models only when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .notices import Told


@pytest.fixture
def told() -> Iterator[Told]:
    """A registered purpose "trial", and what its hooks were told."""
    from unionhall.bulletins import purposes

    from .notices import Told, trial_purpose

    found = Told()
    purposes.register(trial_purpose(found))
    yield found
    del purposes._purposes["trial"]
