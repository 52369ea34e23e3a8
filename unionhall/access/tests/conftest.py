"""What the tests of access share. Read before Django is set up, so models are imported only when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pytest_django import Settings

if TYPE_CHECKING:
    from tests.world import World
    from unionhall.access.models import Account


@pytest.fixture
def _plain_sign_in(settings: Settings) -> None:
    """Texts are kept where the tests read them, no second factor is asked for, hashing is quick."""
    from unionhall.access.tests.signing_in import FAST

    settings.SMS_BACKEND = "demo"
    settings.TOTP_REQUIRED = False
    settings.PASSWORD_HASHERS = FAST


@pytest.fixture
def officer(world: World) -> Account:
    from unionhall.access.tests.signing_in import PASSWORD

    account = world.accounts["river_officer"]
    account.set_password(PASSWORD)
    account.save()
    return account
