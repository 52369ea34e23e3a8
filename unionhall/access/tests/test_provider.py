"""Signing in to the desk by an identity provider, end to end against a small one, honest and lying."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from pytest_django import Settings

from tests.world import World
from unionhall.access import actions, providers, second_factor
from unionhall.access.models import Account, SignInSession
from unionhall.access.tests.local_provider import CLIENT, SECRET, LocalProvider, new_key, running
from unionhall.access.tests.signing_in import codes_of
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.outside import NotSafe, load_provider
from unionhall.foundation.sealing import ring
from unionhall.records.models import JournalEntry

pytestmark = pytest.mark.django_db
START = "/sign-in/provider/"


@pytest.fixture(scope="module")
def served() -> Iterator[LocalProvider]:
    with running() as provider:
        yield provider


@pytest.fixture
def provider(served: LocalProvider, settings: Settings) -> LocalProvider:
    served.reset()
    settings.TOTP_REQUIRED = False
    settings.OIDC = {
        "issuer": served.issuer,
        "client": CLIENT,
        "secret": SECRET,
        "second": frozenset({"mfa"}),
    }
    return served


@pytest.fixture
def officer(world: World, provider: LocalProvider) -> Account:
    account = world.accounts["river_officer"]
    actions.link_provider(world.actor("operator"), account=account, subject="s-0001", reason="任命文件")
    return account


def back(client: Client, provider: LocalProvider, start: str = START, **changed: str) -> str:
    """Off to the provider, signed in there; the address of the return, without its host."""
    away = client.get(start)["Location"]
    assert away.startswith(f"{provider.issuer}/authorize?")
    returned = urlsplit(provider.authorise(dict(parse_qsl(urlsplit(away).query)) | changed))
    assert returned.netloc == "localhost:8000"
    return f"{returned.path}?{returned.query}"


def come_in(client: Client, provider: LocalProvider, **how: Any) -> Any:
    return client.get(back(client, provider, **how))


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def test_a_linked_subject_is_in(client: Client, provider: LocalProvider, officer: Account) -> None:
    assert "用统一身份认证登录" in client.get("/sign-in/").content.decode()
    response = come_in(client, provider, start=f"{START}?next=/desk/orgs/")
    assert response["Location"] == "/desk/orgs/"
    assert client.session["_auth_user_id"] == str(officer.pk)
    assert SignInSession.objects.get(account=officer).method == "provider"
    assert client.get("/desk/").status_code == 200


def test_no_name_or_address_of_the_provider_is_kept(
    client: Client, provider: LocalProvider, officer: Account
) -> None:
    come_in(client, provider)
    link = SocialAccount.objects.get(user=officer)
    assert "张海林" not in str(link.extra_data)
    assert "example.org" not in str(link.extra_data)


@pytest.mark.usefixtures("officer")
@pytest.mark.parametrize(
    "lie",
    [
        {"claims": {"nonce": "another"}},
        {"without": {"nonce"}},
        {"claims": {"aud": "another-client"}},
        {"claims": {"aud": [CLIENT, "another"]}},
        {"claims": {"azp": "another"}},
        {"claims": {"exp": 1_700_003_600, "iat": 1_700_000_000}},
        {"without": {"exp"}},
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"sub": ""}},
        {"signs_with": new_key()},
        {"algorithm": "none"},
        {"algorithm": "HS256"},
        {"names": {"issuer": "https://evil.example"}},
    ],
    ids=lambda lie: str(lie)[:40],
)
def test_a_token_that_is_not_good_opens_nothing(
    client: Client, provider: LocalProvider, lie: dict[str, Any]
) -> None:
    address = back(client, provider)
    provider.__dict__.update(lie)
    assert client.get(address)["Location"] == "/sign-in/"
    assert not is_in(client)
    assert "没有通过" in client.get("/sign-in/").content.decode()


@pytest.mark.usefixtures("officer")
def test_a_return_is_good_once_and_only_where_it_was_asked_for(
    client: Client, provider: LocalProvider
) -> None:
    address = back(client, provider)
    victim = Client()
    assert victim.get(address)["Location"] == "/sign-in/"
    assert not is_in(victim)
    assert client.get(address).status_code == 302
    assert is_in(client)
    client.post("/sign-out/")
    assert client.get(address)["Location"] == "/sign-in/"
    assert not is_in(client)


@pytest.mark.usefixtures("officer")
@pytest.mark.parametrize("query", ["", "?code=x", "?state=x&code=x", "?error=access_denied&state=x"])
def test_a_made_up_return_opens_nothing(client: Client, query: str) -> None:
    assert client.get(f"{START}back/{query}")["Location"] == "/sign-in/"
    assert not is_in(client)


def test_a_stolen_code_without_the_verifier_is_worthless(
    client: Client, provider: LocalProvider, officer: Account
) -> None:
    address = back(client, provider, code_challenge="another")
    assert client.get(address)["Location"] == "/sign-in/"
    assert not is_in(client)


def test_an_unknown_subject_makes_no_account(client: Client, provider: LocalProvider, world: World) -> None:
    """Nor is one matched by name or e-mail: the provider says it is river_officer."""
    before = Account.objects.count()
    provider.claims = {"preferred_username": "river_officer", "email_verified": True}
    assert come_in(client, provider)["Location"] == "/sign-in/"
    assert not is_in(client)
    assert Account.objects.count() == before
    assert not SocialAccount.objects.exists()


def test_a_closed_account_stays_closed(client: Client, provider: LocalProvider, officer: Account) -> None:
    officer.is_active = False
    officer.save(update_fields=["is_active"])
    come_in(client, provider)
    assert not is_in(client)


def test_the_subject_of_another_issuer_is_another_person(
    client: Client, provider: LocalProvider, officer: Account, settings: Settings
) -> None:
    link = SocialAccount.objects.get(user=officer)
    link.provider = "oidc-ffffffffffffffff"
    link.save()
    come_in(client, provider)
    assert not is_in(client)


def test_the_second_factor_is_the_providers_or_ours(
    client: Client, provider: LocalProvider, officer: Account, settings: Settings
) -> None:
    settings.TOTP_REQUIRED = True
    secret = second_factor.new_secret()
    second_factor.enrol(officer, secret, codes_of(secret))
    provider.claims = {"amr": ["pwd"]}
    assert come_in(client, provider)["Location"] == "/sign-in/second/"
    assert not is_in(client)
    provider.claims = {"amr": ["pwd", "mfa"]}
    come_in(client, provider)
    assert is_in(client)


def test_an_initial_password_does_not_stand_in_the_way(
    client: Client, provider: LocalProvider, officer: Account, settings: Settings
) -> None:
    """Opened or reset, linked, never signed in: who comes by the provider enrols; the password is not his to change."""
    settings.TOTP_REQUIRED = True
    officer.set_password("given by the keeper")
    officer.must_change_password = True
    officer.save()
    assert come_in(client, provider)["Location"] == "/sign-in/enrol/"
    assert client.get("/sign-in/enrol/").status_code == 200
    guess = {"new": "given by the keeper", "again": "given by the keeper"}
    for new in (guess, {"new": "another long one", "again": "another long one"}):
        assert client.post("/sign-in/password/", new)["Location"] == "/sign-in/enrol/"
    officer.refresh_from_db()
    assert officer.must_change_password
    assert officer.check_password("given by the keeper")
    secret = ring().open(bytes.fromhex(client.session["sign_in_secret"]))
    client.post("/sign-in/enrol/", {"code": codes_of(secret)})
    assert is_in(client)


def test_next_stays_on_this_site(client: Client, provider: LocalProvider, officer: Account) -> None:
    assert come_in(client, provider, start=f"{START}?next=https://evil.example/")["Location"] == "/desk/"


def test_a_provider_that_is_down_is_said_so(
    client: Client, provider: LocalProvider, settings: Settings
) -> None:
    settings.OIDC = {**settings.OIDC, "issuer": "http://127.0.0.1:9"}
    assert client.get(START)["Location"] == "/sign-in/"
    assert "连不上" in client.get("/sign-in/").content.decode()


def test_off_by_default(client: Client, db: None) -> None:
    assert "统一身份" not in client.get("/sign-in/").content.decode()
    for address in (START, f"{START}back/"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "path", ["accounts/login/", "accounts/signup/", "accounts/oidc/x/login/", "accounts/3rdparty/"]
)
def test_allauth_has_no_page_of_its_own(client: Client, path: str) -> None:
    assert client.get(f"/{path}").status_code == 404


# Linking -------------------------------------------------------------------------------------------------------


def test_only_who_keeps_the_account_links_it(client: Client, provider: LocalProvider, world: World) -> None:
    account = world.accounts["river_officer"]
    with pytest.raises(NotAllowed):
        actions.link_provider(world.actor("pier_officer"), account=account, subject="s", reason="x")
    operator = world.actor("operator")
    actions.link_provider(operator, account=account, subject="s-1", reason="任命")
    with pytest.raises(Refused, match="另一个账号"):
        actions.link_provider(operator, account=world.accounts["chair_beta"], subject="s-1", reason="任命")
    with pytest.raises(Refused, match="手机账号"):
        actions.link_provider(
            actions_by_system(), account=world.accounts["worker_alpha"], subject="s-2", reason="x"
        )
    client.force_login(world.accounts["operator"], backend="unionhall.access.backends.DeskBackend")
    page = client.get(f"/desk/settings/accounts/{account.pk}/provider/").content.decode()
    assert 'value="s-1"' in page
    client.post(f"/desk/settings/accounts/{account.pk}/provider/", {"subject": "", "reason": "离职"})
    assert not SocialAccount.objects.filter(user=account).exists()
    verbs = JournalEntry.objects.everywhere(reason="test").values_list("action", flat=True)
    assert {"access.link_provider", "access.unlink_provider"} <= set(verbs)


def actions_by_system() -> Any:
    from unionhall.foundation.actors import system_actor

    return system_actor()


# Settings ------------------------------------------------------------------------------------------------------


def test_the_environment_says_it_all_or_the_site_does_not_start(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    secret.chmod(0o640)
    environ = {"UNIONHALL_OIDC_ISSUER": "https://id.example.org/", "UNIONHALL_OIDC_CLIENT": "unionhall"}
    assert load_provider({}) is None
    with pytest.raises(NotSafe, match="SECRET_FILE"):
        load_provider(environ)
    environ["UNIONHALL_OIDC_SECRET_FILE"] = str(secret)
    with pytest.raises(NotSafe, match="chmod 600"):
        load_provider(environ)
    secret.chmod(0o600)
    with pytest.raises(NotSafe, match="https"):
        load_provider(environ | {"UNIONHALL_OIDC_ISSUER": "http://id.example.org"})
    found = load_provider(environ | {"UNIONHALL_OIDC_SECOND_FACTOR": "mfa, otp"})
    assert found
    assert providers.Provider(**found).secret == "s3cret"
    assert providers.Provider(**found).had_second_factor({"amr": ["otp"]})
    assert not providers.Provider(**found).had_second_factor({"amr": "otp"})
