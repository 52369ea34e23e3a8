"""A lost second factor: the keeper of the account resets it on the site, the owner comes in and enrols anew."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import Settings

from tests.world import World
from unionhall.access import actions, second_factor
from unionhall.access.models import Account
from unionhall.access.tests.signing_in import PASSWORD, codes_of
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import ring
from unionhall.records.models import JournalEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_plain_sign_in")]
SignIn = Callable[[str], Client]
NEW = {"new": "another long one", "again": "another long one"}


@pytest.fixture
def chair(world: World, settings: Settings) -> Account:
    """A chair with a second factor."""
    settings.TOTP_REQUIRED = True
    account = world.accounts["chair_beta"]
    account.set_password(PASSWORD)
    account.save()
    secret = second_factor.new_secret()
    assert second_factor.enrol(account, secret, codes_of(secret))
    return account


def test_the_owner_comes_in_with_the_initial_password_and_enrols_anew(
    chair: Account, signed_in: SignIn
) -> None:
    there = Client()
    there.force_login(chair, backend="unionhall.access.backends.DeskBackend")
    keeper, address = signed_in("east_officer"), f"/desk/settings/accounts/{chair.pk}/"
    assert f"{address}second-factor/" in keeper.get(address).content.decode()
    assert "恢复码" in keeper.get(f"{address}second-factor/").content.decode()
    shown = keeper.post(f"{address}second-factor/", {"reason": "手机丢失"})
    assert not second_factor.is_enrolled(chair)
    assert there.get("/desk/").status_code == 302
    assert f"{address}second-factor/" not in keeper.get(address).content.decode()
    done = JournalEntry.objects.everywhere(reason="test").filter(action="access.reset_second_factor").get()
    assert done.reason == "手机丢失"

    client, name = Client(), {"username": "chair_beta"}
    assert client.post("/sign-in/", name | {"password": PASSWORD}).status_code == 422
    first = client.post("/sign-in/", name | {"password": shown.context["password"]})
    assert first["Location"] == "/sign-in/password/"
    assert client.post("/sign-in/password/", NEW)["Location"] == "/sign-in/enrol/"
    assert client.get("/sign-in/enrol/").status_code == 200
    secret = ring().open(bytes.fromhex(client.session["sign_in_secret"]))
    client.post("/sign-in/enrol/", {"code": codes_of(secret)})
    assert client.session["_auth_user_id"] == str(chair.pk)
    assert second_factor.is_enrolled(chair)


@pytest.mark.parametrize(
    ("who", "error"),
    [
        ("chair_beta", Refused),  # his own
        ("chair_alpha", NotAllowed),
        ("clerk", NotAllowed),
        ("leader", NotAllowed),
        ("auditor", NotAllowed),
        ("gorge_officer", NotAllowed),  # another city
    ],
)
def test_nobody_else_resets_it(
    world: World, signed_in: SignIn, chair: Account, who: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        actions.reset_second_factor(world.actor(who), account=chair, reason="手机丢失")
    answer = signed_in(who).post(f"/desk/settings/accounts/{chair.pk}/second-factor/", {"reason": "手机丢失"})
    assert answer.status_code in {403, 404}
    assert second_factor.is_enrolled(chair)


def test_an_officer_resets_neither_his_own_nor_his_superiors(world: World, signed_in: SignIn) -> None:
    for name, status in (("east_officer", 422), ("river_officer", 404)):
        account = world.accounts[name]
        secret = second_factor.new_secret()
        second_factor.enrol(account, secret, codes_of(secret))
        client = signed_in("east_officer")
        answer = client.post(f"/desk/settings/accounts/{account.pk}/second-factor/", {"reason": "手机丢失"})
        assert answer.status_code == status
        assert second_factor.is_enrolled(account)
