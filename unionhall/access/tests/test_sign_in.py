"""Workers sign in by a code sent to the phone."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from unionhall.access import signing
from unionhall.access.models import Account, SignInCode
from unionhall.access.tests.signing_in import OTHER, PHONE, age_codes, code_sent_to, sign_in, wrong
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import phone_index

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_plain_sign_in")]


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


def test_old_attempts_are_forgotten_and_young_ones_kept(client: Client) -> None:
    client.post("/m/sign-in/", {"phone": PHONE})
    assert signing.forget_old_attempts() == 0
    assert signing.forget_old_attempts(timezone.now() + timedelta(days=8)) == 1
