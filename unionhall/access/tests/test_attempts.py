"""Guessing is hopeless, and nobody can lock another person out: whose tries are counted, and against whom."""

from datetime import timedelta

import pytest
from django.conf import settings as site
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World
from unionhall.access import attempts, challenges, devices, owners, signing
from unionhall.access.models import Account, SignInCode
from unionhall.access.tests.signing_in import (
    PASSWORD,
    PHONE,
    age_codes,
    code_sent_to,
    desk,
    sign_in,
)
from unionhall.foundation import throttling
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import phone_index
from unionhall.members.models import Person
from unionhall.records.models import JournalEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_plain_sign_in")]
HERE, THERE = "192.0.2.1", "198.51.100.7"


def use_up(kind: attempts.Kind, key: str) -> None:
    for tier in kind.tiers:
        for _ in range(tier.limit):
            throttling.take(
                f"{kind.bucket}-{int(tier.per.total_seconds())}", key, limit=tier.limit, per=tier.per
            )


def work(challenge: dict[str, str | int]) -> str:
    """What the browser does."""
    text, bits = str(challenge["text"]), int(challenge["bits"])
    return next(str(n) for n in range(1 << 26) if challenges.zero_bits(f"{text}:{n}") >= bits)


@pytest.fixture
def easy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(challenges, "EASY", 6)


# Passwords -----------------------------------------------------------------------------------------------------


def test_guesses_from_my_network_do_not_close_my_own_device(client: Client, officer: Account) -> None:
    """A colleague at the next desk, behind the same address, guesses my password."""
    assert desk(client, REMOTE_ADDR=HERE) == 302
    client.post("/sign-out/")
    for _ in range(6):
        desk(Client(), "no", REMOTE_ADDR=HERE)
    assert desk(Client(), REMOTE_ADDR=HERE) == 422
    assert desk(client, REMOTE_ADDR=HERE) == 302


def test_a_device_that_knows_me_knows_nobody_else(client: Client, officer: Account, world: World) -> None:
    desk(client)
    request = client.get("/sign-in/").wsgi_request
    assert devices.number_of(request, officer)
    assert not devices.number_of(request, world.accounts["chair_beta"])
    assert not devices.number_of(request, None)
    stranger = Client()
    stranger.cookies[site.DEVICE_COOKIE_NAME] = client.cookies[site.DEVICE_COOKIE_NAME].value[:-4] + "AAAA"
    assert devices.device_of(stranger.get("/sign-in/").wsgi_request) is None


def test_a_new_password_makes_old_devices_strangers(client: Client, officer: Account) -> None:
    desk(client)
    officer.refresh_from_db()
    officer.set_password("another long one")
    assert not devices.number_of(client.get("/sign-in/").wsgi_request, officer)


def test_a_network_that_guesses_many_names_waits(client: Client, officer: Account) -> None:
    place = signing.address_digest(client.get("/sign-in/", REMOTE_ADDR=HERE).wsgi_request)
    use_up(attempts.NETWORK, place)
    assert desk(Client(), REMOTE_ADDR=HERE) == 422
    assert desk(Client(), REMOTE_ADDR=THERE) == 302


@pytest.mark.usefixtures("easy")
def test_a_name_guessed_from_everywhere_costs_strangers_work(officer: Account) -> None:
    """Not a refusal: the owner on a new machine works for a second and is in; one answer is good once."""
    use_up(attempts.NAME, "river_officer")
    client = Client()
    page = client.post("/sign-in/", {"username": "river_officer", "password": PASSWORD})
    assert page.status_code == 422
    assert 'id="challenge"' in page.content.decode()
    answer = work(page.context["challenge"])
    given = {"username": "river_officer", "password": PASSWORD, "work": answer}
    stolen = Client().post("/sign-in/", given)
    assert stolen.status_code == 422
    assert client.post("/sign-in/", given).status_code == 302
    client.post("/sign-out/")
    client.cookies.pop(site.DEVICE_COOKIE_NAME)
    assert client.post("/sign-in/", given).status_code == 422


def test_tries_at_once_do_not_pass_the_limit(officer: Account) -> None:
    """A try is counted before it is judged."""
    found = [attempts.take(attempts.PASSWORD, "river_officer\0x") for _ in range(7)]
    assert [wait is None for wait in found] == [True] * 5 + [False] * 2


# Codes ---------------------------------------------------------------------------------------------------------


def test_strangers_cannot_use_up_the_codes_of_a_known_phone(client: Client) -> None:
    sign_in(client)
    client.post("/sign-out/")
    now = timezone.now()
    for number in range(40):
        try:
            signing.send_code(PHONE, address=f"net{number}", now=now)
        except (Refused, challenges.Needed):
            break
    age_codes(seconds=61)
    assert client.post("/m/sign-in/", {"phone": PHONE})["Location"] == "/m/sign-in/code/"
    client.post("/m/sign-in/code/", {"code": code_sent_to(PHONE)})
    assert "_auth_user_id" in client.session


@pytest.mark.usefixtures("easy")
def test_the_owner_on_a_new_phone_works_and_gets_a_code(client: Client) -> None:
    for number in range(5):
        signing.send_code(PHONE, address=f"net{number}")
    page = client.post("/m/sign-in/", {"phone": PHONE})
    assert page.status_code == 422
    assert "安全检查" in page.content.decode()
    sent = client.post("/m/sign-in/", {"phone": PHONE, "work": work(page.context["challenge"])})
    assert sent["Location"] == "/m/sign-in/code/"


def test_each_further_code_costs_twice_the_work() -> None:
    asked: list[int] = []
    for number in range(9):
        signing.send_code(PHONE, address=f"net{number}", worked=lambda bits: not asked.append(bits))  # type: ignore[func-returns-value]
    assert asked == [17, 18, 19, 20]


def test_a_phone_is_not_flooded_whatever_the_work() -> None:
    SignInCode.objects.bulk_create(
        SignInCode(phone_index=phone_index(PHONE), code_digest="", address=f"net{n}")
        for n in range(signing.STRANGERS_DAILY)
    )
    with pytest.raises(Refused, match="明天"):
        signing.send_code(PHONE, address="new", worked=lambda bits: True)


@pytest.mark.parametrize("answer", ["", "x", "-1", "9" * 40, "１"])
def test_no_answer_is_no_work(client: Client, answer: str) -> None:
    request = client.post("/m/sign-in/", {"phone": "x", "work": answer}).wsgi_request
    challenges.pose(request, 0)
    assert not challenges.answered(request, 0)


def test_whether_a_phone_has_an_account_is_told_only_to_its_holder(client: Client) -> None:
    """Changing one's number must not answer for every number of the city."""
    other = "13900000002"
    signing.account_of(other)
    sign_in(client)
    asked = client.post("/m/profile/phone/", {"phone": other})
    assert asked.status_code == 302
    told = client.post("/m/profile/phone/code/", {"code": code_sent_to(other)})
    assert "有自己的账号" in told.content.decode()


def test_a_known_device_is_none_for_other_numbers(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else one worker could have texts sent to the entire city: strangers' limits hold for numbers of others."""
    sign_in(client)
    assert client.post("/m/profile/phone/", {"phone": "13900000002"}).status_code == 302
    assert SignInCode.objects.latest("pk").device == ""
    monkeypatch.setattr(signing, "ADDRESS_HOURLY", 2)
    refused = client.post("/m/profile/phone/", {"phone": "13900000003"})
    assert refused.status_code == 422
    assert "当前网络" in refused.content.decode()


# A phone with a new holder -------------------------------------------------------------------------------------


@pytest.fixture
def dormant(world: World) -> tuple[Account, str]:
    account = world.accounts["worker_alpha"]
    Account.objects.filter(pk=account.pk).update(
        last_login=timezone.now() - timedelta(days=200), created_at=timezone.now() - timedelta(days=400)
    )
    assert account.phone
    return account, account.phone.reveal()


def knock(client: Client, phone: str) -> str:
    client.post("/m/sign-in/", {"phone": phone})
    return str(client.post("/m/sign-in/code/", {"code": code_sent_to(phone)})["Location"])


def test_a_silent_phone_asks_who_holds_it(client: Client, world: World, dormant: tuple[Account, str]) -> None:
    account, phone = dormant
    assert knock(client, phone) == "/m/sign-in/owner/"
    assert "_auth_user_id" not in client.session
    assert client.get("/m/").status_code == 302
    last = world.people["alpha_1"].id_number.reveal()[-4:]
    wrong = "0000" if last != "0000" else "1111"
    assert client.post("/m/sign-in/owner/", {"last": wrong}).status_code == 422
    assert client.post("/m/sign-in/owner/", {"last": last.lower()}).status_code == 302
    assert client.session["_auth_user_id"] == str(account.pk)


def test_a_new_holder_starts_afresh_and_sees_nothing(
    client: Client, world: World, dormant: tuple[Account, str]
) -> None:
    account, phone = dormant
    knock(client, phone)
    client.post("/m/sign-in/owner/", {"fresh": "1"})
    fresh = Account.objects.get(phone_index=phone_index(phone))
    assert fresh.pk != account.pk
    assert client.session["_auth_user_id"] == str(fresh.pk)
    person = Person.objects.everywhere(reason="test").get(pk=world.people["alpha_1"].pk)
    assert person.account_id is None
    page = client.get(reverse("m_me"))
    assert page.status_code == 200
    assert person.name not in page.content.decode()
    assert JournalEntry.objects.everywhere(reason="test").filter(action="access.part_phone").exists()


def test_guessing_the_last_four_ends_after_three(
    client: Client, world: World, dormant: tuple[Account, str]
) -> None:
    _, phone = dormant
    knock(client, phone)
    last = world.people["alpha_1"].id_number.reveal()[-4:]
    for guess in ("1", "2", "3"):
        client.post("/m/sign-in/owner/", {"last": f"000{guess}"})
    assert client.post("/m/sign-in/owner/", {"last": last}).status_code == 422


def test_a_phone_in_use_and_one_without_a_person_are_not_asked(
    world: World, dormant: tuple[Account, str]
) -> None:
    account, _ = dormant
    account.refresh_from_db()
    assert owners.in_doubt(account)
    account.last_login = timezone.now() - timedelta(days=10)
    assert not owners.in_doubt(account)
    stranger = signing.account_of(PHONE)
    stranger.created_at = timezone.now() - timedelta(days=400)
    assert not owners.in_doubt(stranger)
