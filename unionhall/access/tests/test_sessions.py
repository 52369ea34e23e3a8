"""Sessions: whose, where, since when; how they end; that the table opens nothing."""

from datetime import timedelta
from threading import Event, Thread

import pytest
from django.conf import settings as site
from django.db import connection, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from tests.world import World
from unionhall.access import actions, second_factor, sessions
from unionhall.access.models import Account, SignInSession
from unionhall.access.tests.signing_in import PASSWORD, codes_of, desk, sign_in
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.records.models import JournalEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_plain_sign_in")]
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"


def row_of(client: Client) -> SignInSession:
    key = client.session.session_key
    assert key
    return SignInSession.objects.get(key_digest=sessions.digest_of_key(key))


def signed_in_at(client: Client, address: str = "/account/sessions/") -> bool:
    return client.get(address).status_code == 200


def test_a_session_says_whose_it_is_and_where(client: Client, officer: Account) -> None:
    desk(client, HTTP_USER_AGENT=CHROME, REMOTE_ADDR="203.0.113.77")
    row = row_of(client)
    assert (row.account, row.method, row.device, row.address) == (
        officer,
        "password",
        "Chrome · Windows",
        "203.0.113.*",
    )
    page = client.get("/account/sessions/").content.decode()
    assert "Chrome · Windows" in page
    assert "203.0.113.*" in page
    assert "203.0.113.77" not in page
    assert "当前设备" in page


def test_the_table_opens_no_session(client: Client, officer: Account) -> None:
    """What stands there is a digest; used as a cookie it is a stranger's."""
    desk(client)
    thief = Client()
    thief.cookies[site.SESSION_COOKIE_NAME] = row_of(client).key_digest
    assert not signed_in_at(thief)


def test_one_ends_and_all_others_end(client: Client, officer: Account) -> None:
    one, two = Client(), Client()
    for each in (client, one, two):
        desk(each)
    client.post(f"/account/sessions/{row_of(one).pk}/")
    assert not signed_in_at(one)
    assert signed_in_at(two)
    client.post("/account/sessions/others/")
    assert not signed_in_at(two)
    assert signed_in_at(client)
    assert JournalEntry.objects.everywhere(reason="test").filter(action="access.end_sessions").count() == 2


def test_nobody_ends_another_ones_session(client: Client, officer: Account, world: World) -> None:
    desk(client)
    stranger = Client()
    stranger.force_login(world.accounts["chair_beta"], backend="unionhall.access.backends.DeskBackend")
    assert stranger.post(f"/account/sessions/{row_of(client).pk}/").status_code == 404
    stranger.post("/account/sessions/others/")
    assert signed_in_at(client)


def test_a_worker_sees_his_own_on_the_phone(client: Client) -> None:
    sign_in(client)
    page = client.get("/m/sessions/").content.decode()
    assert "短信验证码登录" in page
    assert client.post("/m/sessions/others/")["Location"] == "/m/sessions/"


def test_an_idle_desk_ends_an_idle_phone_does_not(
    client: Client, officer: Account, settings: Settings
) -> None:
    phone = Client()
    sign_in(phone)
    desk(client)
    ago = settings.DESK_IDLE + timedelta(minutes=1)
    SignInSession.objects.update(seen_at=timezone.now() - ago)
    assert signed_in_at(phone, "/m/sessions/")
    assert not signed_in_at(client)


def test_work_keeps_a_desk_open_but_not_for_ever(client: Client, officer: Account) -> None:
    desk(client)
    SignInSession.objects.update(seen_at=F("seen_at") - timedelta(minutes=30))
    assert signed_in_at(client)
    assert timezone.now() - row_of(client).seen_at < timedelta(minutes=1)
    store = client.session
    store[sessions.STARTED] = int((timezone.now() - sessions.DESK_LIFE).timestamp())
    store.save()
    assert not signed_in_at(client)


def test_a_new_password_does_not_prolong_the_session(client: Client, officer: Account) -> None:
    desk(client)
    before = client.session[sessions.STARTED]
    new = "another long one"
    client.post("/account/password/", {"old": PASSWORD, "new": new, "again": new})
    assert client.session[sessions.STARTED] == before
    assert SignInSession.objects.filter(account=officer).count() == 1


def test_a_lost_second_factor_ends_sessions(client: Client, officer: Account) -> None:
    desk(client)
    secret = second_factor.new_secret()
    assert second_factor.enrol(officer, secret, codes_of(secret))
    assert not signed_in_at(client)


def test_another_signing_key_ends_sessions(client: Client, officer: Account, settings: Settings) -> None:
    desk(client)
    settings.SECRET_KEY = "another-key-altogether-of-enough-length"
    assert not signed_in_at(client)


def test_a_keeper_ends_all_and_a_stranger_none(client: Client, officer: Account, world: World) -> None:
    desk(client)
    with pytest.raises(NotAllowed):
        actions.end_sessions(world.actor("pier_officer"), account=officer, reason="离职")
    operator = Client()
    operator.force_login(world.accounts["operator"], backend="unionhall.access.backends.DeskBackend")
    done = operator.post(f"/desk/settings/accounts/{officer.pk}/sessions/", {"reason": "手机丢失"})
    assert done.status_code == 302
    assert not signed_in_at(client)
    entry = JournalEntry.objects.everywhere(reason="test").filter(action="access.end_sessions").get()
    assert entry.subject_label == "账号 river_officer"


def test_a_session_fixed_before_signing_in_is_not_the_one_after(client: Client, officer: Account) -> None:
    client.get("/sign-in/")
    planted = "a" * 32
    client.cookies[site.SESSION_COOKIE_NAME] = planted
    desk(client)
    assert client.session.session_key != planted
    thief = Client()
    thief.cookies[site.SESSION_COOKIE_NAME] = planted
    assert not signed_in_at(thief)


def test_ended_sessions_are_forgotten(client: Client, officer: Account) -> None:
    desk(client)
    assert sessions.forget_ended() == 0
    SignInSession.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not signed_in_at(client)
    assert sessions.forget_ended() >= 1


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("203.0.113.77", "203.0.113.*"),
        ("::ffff:203.0.113.77", "203.0.113.*"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:*"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_addresses_are_cut(address: str, words: str) -> None:
    assert sessions.network_words(address) == words


def test_devices_in_words() -> None:
    wechat = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/116 Mobile Safari/537.36 MicroMessenger/8.0"
    assert sessions.device_words(wechat) == "微信 · 安卓"
    assert sessions.device_words("curl/8") == "未知设备"


def test_the_account_comes_with_the_session_and_still_answers_for_it(
    client: Client, officer: Account, settings: Settings
) -> None:
    """One statement finds both; whoever was switched off, or got another password, is out with the next request."""
    desk(client)
    assert signed_in_at(client)
    with CaptureQueriesContext(connection) as seen:
        client.get("/account/sessions/")
    accounts = [
        one["sql"] for one in seen.captured_queries if "access_account" in one["sql"].split("WHERE")[0]
    ]
    assert len([sql for sql in accounts if "access_grant" not in sql]) == 1

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert signed_in_at(client)  # Django's own way: the former key still holds
    Account.objects.filter(pk=officer.pk).update(is_active=False)
    assert not signed_in_at(client)
    Account.objects.filter(pk=officer.pk).update(is_active=True)
    desk(client)
    assert signed_in_at(client)
    Account.objects.filter(pk=officer.pk).update(password="!")
    assert not signed_in_at(client)


@pytest.mark.django_db(transaction=True)
def test_a_session_that_is_just_being_renewed_ends_as_well(world: World) -> None:
    """Changing a password keeps its account until the new session stands; whoever ends them all waits for that."""
    account = world.accounts["river_officer"]
    counted: list[int] = []
    done = Event()

    def end() -> None:
        try:
            counted.append(actions.end_sessions(system_actor(), account=account, reason="手机丢失"))
        finally:
            done.set()
            connection.close()

    other = Thread(target=end)
    with transaction.atomic():
        Account.objects.select_for_update().get(pk=account.pk)
        other.start()
        assert not done.wait(1)
        Client().force_login(account, backend="unionhall.access.backends.DeskBackend")
    other.join(30)
    assert counted == [1]
    assert not SignInSession.objects.filter(account=account).exists()
