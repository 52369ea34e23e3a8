"""Signing in to the desk: name and password, throttles, the second factor."""

import re

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from unionhall.access import actions, second_factor, signing
from unionhall.access.models import Account, SignInSession
from unionhall.access.tests.signing_in import PASSWORD, codes_of, desk, ended
from unionhall.access.views import passwords
from unionhall.foundation.actors import system_actor
from unionhall.foundation.sealing import ring

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_plain_sign_in")]


def test_name_and_password_open_the_desk(client: Client, officer: Account) -> None:
    assert desk(client) == 302
    assert client.session["signed_in_by"] == "password"
    assert client.get("/account/password/").wsgi_request.access.prefixes("organisations.view") != ()  # type: ignore[attr-defined]


def test_a_wrong_password_and_an_unknown_name_say_the_same(client: Client, officer: Account) -> None:
    pages = [
        client.post("/sign-in/", {"username": name, "password": "no"}).content.decode()
        for name in ("river_officer", "nobody")
    ]
    assert "账号或密码不对" in pages[0]
    assert all("账号或密码不对" in page for page in pages)


def test_five_failures_close_the_name_for_that_address_only(client: Client, officer: Account) -> None:
    for _ in range(5):
        assert desk(client, "no", REMOTE_ADDR="192.0.2.1") == 422
    assert desk(client, REMOTE_ADDR="192.0.2.1") == 422
    assert desk(Client(), REMOTE_ADDR="192.0.2.2") == 302


def test_failures_are_forgotten_after_a_minute_then_after_more(client: Client, officer: Account) -> None:
    """The delay grows: five tries, a minute; ten, a quarter of an hour."""
    for _ in range(5):
        desk(client, "no")
    assert desk(client) == 422
    ended("password-60")
    for _ in range(5):
        desk(client, "no")
    ended("password-60")
    page = client.post("/sign-in/", {"username": "river_officer", "password": PASSWORD})
    assert "分钟后再试" in page.content.decode()
    ended("password-60", "password-900")
    assert desk(client) == 302


def test_what_was_typed_as_a_name_is_not_kept(client: Client) -> None:
    desk(client, "x", name="my-secret-password")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM foundation_throttle")
        assert not any("secret" in row[0] for row in cursor.fetchall())


def test_the_address_behind_a_proxy_is_the_one_our_proxy_wrote(settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    first, second, third = (
        signing.address_digest(Client().get("/sign-in/", headers={"X-Forwarded-For": value}).wsgi_request)
        for value in ("198.51.100.1, 192.0.2.1", "198.51.100.9, 192.0.2.1", "198.51.100.1, 192.0.2.2")
    )
    assert first == second != third


def test_an_initial_password_is_changed_before_anything_else(client: Client, officer: Account) -> None:
    officer.must_change_password = True
    officer.save()
    assert (
        client.post("/sign-in/", {"username": "river_officer", "password": PASSWORD})["Location"]
        == "/sign-in/password/"
    )
    assert "_auth_user_id" not in client.session
    weak = client.post("/sign-in/password/", {"new": "1234567890", "again": "1234567890"})
    assert weak.status_code == 422
    same = client.post("/sign-in/password/", {"new": PASSWORD, "again": PASSWORD})
    assert same.status_code == 422
    assert (
        client.post(
            "/sign-in/password/", {"new": "another long one", "again": "another long one"}
        ).status_code
        == 302
    )
    assert client.session["_auth_user_id"] == str(officer.pk)
    officer.refresh_from_db()
    assert not officer.must_change_password


def test_a_reset_ends_a_sign_in_that_is_half_done(client: Client, officer: Account) -> None:
    officer.must_change_password = True
    officer.save()
    desk(client)
    assert client.get("/sign-in/password/").status_code == 200
    officer.set_password("given anew by hand")
    officer.save()
    assert client.get("/sign-in/password/")["Location"] == "/sign-in/"
    new = {"new": "another long one", "again": "another long one"}
    assert client.post("/sign-in/password/", new)["Location"] == "/sign-in/"
    officer.refresh_from_db()
    assert officer.check_password("given anew by hand")


def test_changing_the_password_ends_other_sessions(client: Client, officer: Account) -> None:
    elsewhere = Client()
    desk(client)
    desk(elsewhere)
    wrong_old = client.post(
        "/account/password/", {"old": "no", "new": "another long one", "again": "another long one"}
    )
    assert wrong_old.status_code == 422
    client.post(
        "/account/password/", {"old": PASSWORD, "new": "another long one", "again": "another long one"}
    )
    assert client.get("/account/password/").status_code == 200
    assert elsewhere.get("/account/password/").status_code == 302


def test_changing_the_password_tells_nothing_to_who_does_not_know_it(
    client: Client, officer: Account
) -> None:
    """A desk left open: the new password is compared with the stored one only after the old one was right."""
    desk(client)
    guess = {"old": "x", "new": PASSWORD, "again": PASSWORD}
    answers = [client.post("/account/password/", guess) for _ in range(7)]
    assert {answer.status_code for answer in answers} == {422}
    assert [list(answer.context["form"].errors) for answer in answers] == [["old"]] * 7
    assert "尝试次数太多" in answers[-1].content.decode()
    right = {"old": PASSWORD, "new": PASSWORD, "again": PASSWORD}
    assert list(client.post("/account/password/", right).context["form"].errors) == ["old"]
    ended("password-60")
    assert list(client.post("/account/password/", right).context["form"].errors) == ["new"]


@pytest.mark.parametrize(
    ("initial", "verb"),
    [
        (False, "reset_password"), (False, "end_sessions"), (False, "close_account"), (True, "reset_password"),
        (True, "close_account"),
    ],
)  # fmt: skip
def test_a_change_in_flight_undoes_nothing_that_a_keeper_did_meanwhile(
    client: Client, officer: Account, monkeypatch: pytest.MonkeyPatch, initial: bool, verb: str
) -> None:
    """The old password was right when it was asked for; by the time the new one is kept it is not, or has gone."""
    Account.objects.filter(pk=officer.pk).update(must_change_password=initial)
    desk(client)

    def meanwhile(new: str, account: Account) -> None:
        keep = getattr(actions, verb)
        keep(system_actor(), account=Account.objects.get(pk=officer.pk), reason="手机丢失")

    monkeypatch.setattr(passwords, "validate_password", meanwhile)
    address = "/sign-in/password/" if initial else "/account/password/"
    new = {"old": PASSWORD, "new": "another long one", "again": "another long one"}
    answer = client.post(address, new)
    assert answer.status_code == 422
    assert "请重新登录" in answer.content.decode()
    officer.refresh_from_db()
    assert not officer.check_password("another long one")
    assert officer.must_change_password == (initial or verb == "reset_password")
    assert not SignInSession.objects.filter(account=officer).exists()
    assert client.get("/account/sessions/")["Location"].startswith("/sign-in/")


def test_signing_out_is_a_post(client: Client, officer: Account) -> None:
    desk(client)
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert "_auth_user_id" not in client.session


@pytest.fixture
def _required(_plain_sign_in: None, settings: Settings) -> None:
    settings.TOTP_REQUIRED = True


@pytest.mark.usefixtures("_required")
def test_enrolment_comes_before_the_desk(client: Client, officer: Account) -> None:
    assert (
        client.post("/sign-in/", {"username": "river_officer", "password": PASSWORD})["Location"]
        == "/sign-in/enrol/"
    )
    page = client.get("/sign-in/enrol/").content.decode()
    assert "<svg" in page
    assert "_auth_user_id" not in client.session
    secret = ring().open(bytes.fromhex(client.session["sign_in_secret"]))
    assert client.post("/sign-in/enrol/", {"code": "000000"}).status_code in {200, 422}
    done = client.post("/sign-in/enrol/", {"code": codes_of(secret)}).content.decode()
    assert len(re.findall(r'<li class="num">\d+</li>', done)) == 10
    assert client.session["_auth_user_id"] == str(officer.pk)


@pytest.mark.usefixtures("_required")
def test_the_second_factor_is_asked_and_not_skipped(client: Client, officer: Account) -> None:
    secret = second_factor.new_secret()
    recovery = second_factor.enrol(officer, secret, codes_of(secret))
    assert recovery
    assert (
        client.post("/sign-in/", {"username": "river_officer", "password": PASSWORD})["Location"]
        == "/sign-in/second/"
    )
    for skipped in ("/sign-in/enrol/", "/sign-in/password/"):
        client.get(skipped)
        client.post(skipped, {"code": "1", "new": "another long one", "again": "another long one"})
        assert "_auth_user_id" not in client.session
    officer.refresh_from_db()
    assert officer.check_password(PASSWORD)
    # The code used for enrolment is not taken a second time; a recovery code is, once.
    assert client.post("/sign-in/second/", {"code": codes_of(secret)}).status_code == 422
    assert client.post("/sign-in/second/", {"code": recovery[0]}).status_code == 302
    assert client.session["_auth_user_id"] == str(officer.pk)
    assert not second_factor.check(officer, recovery[0])


@pytest.mark.usefixtures("_required")
def test_guessing_the_second_factor_is_limited_over_all_addresses(client: Client, officer: Account) -> None:
    secret = second_factor.new_secret()
    recovery = second_factor.enrol(officer, secret, codes_of(secret))
    assert recovery
    desk(client)
    for number in range(5):
        client.post("/sign-in/second/", {"code": "x"}, REMOTE_ADDR=f"192.0.2.{number}")
    assert client.post("/sign-in/second/", {"code": recovery[0]}).status_code == 422


def test_steps_after_the_password_need_the_password(client: Client) -> None:
    for path in ("/sign-in/second/", "/sign-in/enrol/", "/sign-in/password/"):
        assert client.get(path)["Location"] == "/sign-in/"


def test_the_secret_stands_sealed(officer: Account) -> None:
    from allauth.mfa.models import Authenticator

    secret = second_factor.new_secret()
    second_factor.enrol(officer, secret, codes_of(secret))
    row = Authenticator.objects.get(user=officer, type=Authenticator.Type.TOTP)
    assert secret not in str(row.data)
