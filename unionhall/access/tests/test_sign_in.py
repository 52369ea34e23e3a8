"""Signing in at both entrances: codes, throttles, second factor, sessions."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from tests.world import World
from unionhall.access import second_factor, signing
from unionhall.access.models import Account, SentText, SignInCode
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import phone_index, ring

pytestmark = pytest.mark.django_db
PHONE, OTHER = "13800000001", "13900000002"
PASSWORD = "correct horse battery"
#: The site's own hasher takes its time on purpose (tests/architecture/test_hardening.py holds it to that).
FAST = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _demo_outbox(settings: Settings) -> None:
    settings.SMS_BACKEND = "demo"
    settings.TOTP_REQUIRED = False
    settings.PASSWORD_HASHERS = FAST


def code_sent_to(phone: str) -> str:
    text = SentText.objects.filter(phone_index=phone_index(phone)).order_by("-pk")[0].text
    found = re.search(r"\d{6}", text)
    assert found
    return found[0]


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def sign_in(client: Client, phone: str = PHONE, **extra: str) -> None:
    client.post("/m/sign-in/", {"phone": phone, **extra})
    client.post("/m/sign-in/code/", {"code": code_sent_to(phone)})


def ended(*buckets: str) -> None:
    """The waits of these buckets are over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE foundation_throttle SET ends_at = began_at WHERE bucket = ANY(%s)", [list(buckets)]
        )


def age_codes(**ago: int) -> None:
    SignInCode.objects.update(sent_at=timezone.now() - timedelta(**ago))


@pytest.fixture
def officer(world: World) -> Account:
    account = world.accounts["river_officer"]
    account.set_password(PASSWORD)
    account.save()
    return account


def desk(client: Client, password: str = PASSWORD, name: str = "river_officer", **extra: str) -> int:
    return client.post("/sign-in/", {"username": name, "password": password}, **extra).status_code  # type: ignore[arg-type]


# Workers -------------------------------------------------------------------------------------------------------


def test_a_phone_becomes_an_account_and_a_session(client: Client) -> None:
    sign_in(client)
    account = Account.objects.get(phone_index=phone_index(PHONE))
    assert client.session["_auth_user_id"] == str(account.pk)
    assert not account.has_usable_password()
    client.post("/sign-out/")
    age_codes(minutes=2)
    sign_in(client)
    assert Account.objects.filter(phone_index=phone_index(PHONE)).count() == 1


def test_the_session_key_changes(client: Client) -> None:
    client.post("/m/sign-in/", {"phone": PHONE})
    before = client.session.session_key
    client.post("/m/sign-in/code/", {"code": code_sent_to(PHONE)})
    assert client.session.session_key != before


def test_neither_phone_nor_code_stands_in_the_database_in_clear(client: Client) -> None:
    client.post("/m/sign-in/", {"phone": PHONE})
    row = SignInCode.objects.get()
    assert code_sent_to(PHONE) not in row.code_digest
    assert PHONE not in str(dict(client.session))


@pytest.mark.parametrize("typed", ["", "12345", "021-5555555", "23800000001"])
def test_a_wrong_number_is_explained(client: Client, typed: str) -> None:
    response = client.post("/m/sign-in/", {"phone": typed})
    assert response.status_code == 422
    assert not SignInCode.objects.exists()


def test_five_wrong_guesses_end_a_code(client: Client) -> None:
    client.post("/m/sign-in/", {"phone": PHONE})
    code = code_sent_to(PHONE)
    for _ in range(5):
        assert client.post("/m/sign-in/code/", {"code": wrong(code)}).status_code == 422
    response = client.post("/m/sign-in/code/", {"code": code})
    assert response.status_code == 422
    assert "已失效" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_the_fifth_guess_may_be_right(client: Client) -> None:
    client.post("/m/sign-in/", {"phone": PHONE})
    code = code_sent_to(PHONE)
    for _ in range(4):
        client.post("/m/sign-in/code/", {"code": wrong(code)})
    assert client.post("/m/sign-in/code/", {"code": code}).status_code == 302


def test_a_code_ends_after_five_minutes(client: Client) -> None:
    client.post("/m/sign-in/", {"phone": PHONE})
    age_codes(minutes=5)
    assert client.post("/m/sign-in/code/", {"code": code_sent_to(PHONE)}).status_code == 422


def test_a_code_works_once(client: Client) -> None:
    client.post("/m/sign-in/", {"phone": PHONE})
    session, code = client.session["sign_in_code"], code_sent_to(PHONE)
    assert signing.check_code(session["id"], PHONE, code) == ""
    assert "已失效" in signing.check_code(session["id"], PHONE, code)


def test_a_code_opens_only_its_own_phone(client: Client) -> None:
    client.post("/m/sign-in/", {"phone": PHONE})
    assert signing.check_code(client.session["sign_in_code"]["id"], OTHER, code_sent_to(PHONE))


def test_a_stranger_cannot_use_up_the_guesses_of_another_session(client: Client) -> None:
    client.post("/m/sign-in/", {"phone": PHONE})
    code, stranger = code_sent_to(PHONE), Client()
    stranger.post("/m/sign-in/", {"phone": PHONE})  # within 60 s: no code for the stranger
    for _ in range(6):
        stranger.post("/m/sign-in/code/", {"code": wrong(code)})
    assert client.post("/m/sign-in/code/", {"code": code}).status_code == 302


def test_the_code_asked_for_last_by_another_does_not_end_mine(client: Client) -> None:
    client.post("/m/sign-in/", {"phone": PHONE})
    code = code_sent_to(PHONE)
    age_codes(seconds=61)
    Client().post("/m/sign-in/", {"phone": PHONE})
    assert client.post("/m/sign-in/code/", {"code": code}).status_code == 302


def test_resending_waits_sixty_seconds(client: Client) -> None:
    client.post("/m/sign-in/", {"phone": PHONE})
    client.post("/m/sign-in/", {"resend": "1"})
    assert SignInCode.objects.count() == 1
    age_codes(seconds=61)
    client.post("/m/sign-in/", {"resend": "1"})
    assert SignInCode.objects.count() == 2


def test_a_phone_gets_five_codes_an_hour_and_ten_a_day() -> None:
    now = timezone.now()
    sent = 0
    for minute in range(0, 24 * 60, 2):
        try:
            signing.send_code(PHONE, address="a", now=now + timedelta(minutes=minute))
        except Refused:
            continue
        sent += 1
        assert sent <= 5 or minute >= 60
    assert sent == 10


def test_an_address_is_limited_but_another_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "ADDRESS_HOURLY", 3)
    for number in range(3):
        signing.send_code(f"1380000001{number}", address="a")
    with pytest.raises(Refused, match="网络"):
        signing.send_code("13800000020", address="a")
    signing.send_code("13800000020", address="b")


def test_no_gateway_is_said_clearly(client: Client, settings: Settings) -> None:
    settings.SMS_BACKEND = "none"
    response = client.post("/m/sign-in/", {"phone": PHONE})
    assert response.status_code == 422
    assert "还没有开通短信服务" in response.content.decode()
    assert not SignInCode.objects.exists()


@pytest.mark.parametrize(
    ("wanted", "lands"),
    [
        ("/m/sign-in/?x=1", "/m/sign-in/?x=1"),
        ("https://evil.example/", None),
        ("//evil.example/", None),
        ("/\\evil.example", None),
        ("javascript:alert(1)", None),
    ],
)
def test_next_stays_on_this_site(client: Client, wanted: str, lands: str | None) -> None:
    client.post("/m/sign-in/", {"phone": PHONE, "next": wanted})
    found = client.post("/m/sign-in/code/", {"code": code_sent_to(PHONE)})["Location"]
    assert found == lands if lands else "evil" not in found and "javascript" not in found


def test_a_closed_account_cannot_come_in(client: Client) -> None:
    signing.account_of(PHONE)
    Account.objects.update(is_active=False)
    sign_in(client)
    assert "_auth_user_id" not in client.session


def test_a_code_never_opens_the_desk(client: Client, officer: Account) -> None:
    officer.phone, officer.phone_index = PHONE, phone_index(PHONE)
    officer.save()
    sign_in(client)
    assert client.session["_auth_user_id"] == str(officer.pk)
    response = client.get("/m/sign-in/")
    assert response.wsgi_request.access.prefixes("organisations.view") == ()  # type: ignore[attr-defined]
    assert client.get("/sign-in/").status_code == 200  # offered, not skipped


@given(st.text(max_size=30))
def test_any_typed_code_is_an_answer(typed: str) -> None:
    assert "失效" in signing.check_code(None, PHONE, typed)


# Desks ---------------------------------------------------------------------------------------------------------


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


def test_signing_out_is_a_post(client: Client, officer: Account) -> None:
    desk(client)
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert "_auth_user_id" not in client.session


# Second factor -------------------------------------------------------------------------------------------------


def codes_of(secret: str) -> str:
    (counter,) = list(yield_hotp_counters_from_time())[:1]
    return str(format_hotp_value(hotp_value(secret, counter)))


@pytest.fixture
def _required(settings: Settings) -> None:
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


def test_old_attempts_are_forgotten_and_young_ones_kept(client: Client) -> None:
    client.post("/m/sign-in/", {"phone": PHONE})
    assert signing.forget_old_attempts() == 0
    assert signing.forget_old_attempts(timezone.now() + timedelta(days=8)) == 1
