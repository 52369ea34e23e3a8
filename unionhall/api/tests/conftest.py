"""What the tests of the API share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import override_settings

from .receiver import Receiver, receiver


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as found, override_settings(DEMO=True):
        yield found
