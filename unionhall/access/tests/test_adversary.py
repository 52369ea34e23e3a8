"""What an attacker tries at the door, and an officer against a colleague's account."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.world import World
from unionhall.access import actions
from unionhall.access.models import Account, Grant
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Line, Role

PASSWORD = "initial-abcde-23456"


def test_an_initial_password_enrols_no_second_factor(
    client: Client, world: World, settings: Settings
) -> None:
    """Whoever reads the slip of paper must change the password before an app is tied to the account."""
    settings.TOTP_REQUIRED = True
    account = world.accounts["river_officer"]
    account.set_password(PASSWORD)
    account.must_change_password = True
    account.save()
    client.post("/sign-in/", {"username": "river_officer", "password": PASSWORD})
    for answer in (client.get("/sign-in/enrol/"), client.post("/sign-in/enrol/", {"code": "123456"})):
        assert answer["Location"] == "/sign-in/password/"
    assert "_auth_user_id" not in client.session


def test_pages_before_signing_in_are_kept_by_no_browser(
    client: Client, world: World, settings: Settings
) -> None:
    settings.TOTP_REQUIRED = True
    account = world.accounts["river_officer"]
    account.set_password(PASSWORD)
    account.save()
    client.post("/sign-in/", {"username": "river_officer", "password": PASSWORD})
    page = client.get("/sign-in/enrol/")
    assert "<svg" in page.content.decode()
    assert page["Cache-Control"] == "no-store"


def test_an_officer_of_one_line_takes_over_no_other(world: World) -> None:
    """A reset password is read by whoever resets it: it would hand over what the officer may not grant."""
    rights, general = world.actor("river_rights"), world.accounts["river_officer"]
    with pytest.raises(NotAllowed):
        actions.reset_password(rights, account=general, reason="忘记密码")
    with pytest.raises(NotAllowed):
        actions.close_account(rights, account=general, reason="离职")
    grant = Grant.objects.everywhere(reason="test").get(account=general)
    with pytest.raises(Refused):
        actions.revoke(rights, grant=grant, reason="离职")


def test_a_grant_that_begins_tomorrow_protects_today(world: World) -> None:
    account = Account.objects.create(username="new_officer", display_name="新任干部")
    today = timezone.localdate()
    for role, union, start in ((Role.CLERK, "pier", today), (Role.OFFICER, "province", today + timedelta(1))):
        Grant.objects.create(
            account=account, role=role, line=Line.GENERAL, organisation=world.unions[union],
            period=(start, None), granted_by="test",
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        actions.reset_password(world.actor("pier_officer"), account=account, reason="忘记密码")
    with pytest.raises(NotAllowed):
        actions.reset_password(world.actor("province_officer"), account=account, reason="忘记密码")
    assert actions.reset_password(world.actor("operator"), account=account, reason="忘记密码")
