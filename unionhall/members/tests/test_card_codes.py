"""Codes of cards: forgery, clocks, versions, loss; the public check and its throttle; the offline command."""

import base64
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.world import World
from unionhall.kit import tokens
from unionhall.members import cards
from unionhall.members.models import Card, Membership
from unionhall.members.views import public

pytestmark = pytest.mark.django_db
NOW = 1_780_000_020  # the start of a window
WHY = "test"


@pytest.fixture
def card(world: World) -> Card:
    return Card.objects.everywhere(reason=WHY).get(person=world.people["alpha_1"])


def test_a_fresh_code_is_valid_and_shows_a_masked_name_only(card: Card) -> None:
    found = cards.check(cards.current_code(card, NOW), NOW)
    assert found == cards.CardCheck(True, "会员卡有效", "张*")


@pytest.mark.parametrize(("later", "valid"), [(0, True), (29, True), (59, True), (60, False), (3600, False)])
def test_a_code_ends_after_its_window_and_one_of_tolerance(card: Card, later: int, valid: bool) -> None:
    assert cards.check(cards.current_code(card, NOW), NOW + later).valid is valid


@pytest.mark.parametrize(("behind", "valid"), [(30, True), (31, False)])
def test_a_reader_whose_clock_is_behind(card: Card, behind: int, valid: bool) -> None:
    assert cards.check(cards.current_code(card, NOW), NOW - behind).valid is valid


def test_the_code_changes_with_the_window(card: Card) -> None:
    assert cards.current_code(card, NOW) == cards.current_code(card, NOW + 29)
    assert cards.current_code(card, NOW) != cards.current_code(card, NOW + 30)


def test_the_code_does_not_hold_the_card_number(card: Card) -> None:
    raw = base64.b32decode(cards.current_code(card, NOW) + "===")
    assert int(card.number).to_bytes(8, "big") not in raw


def test_a_code_signed_with_another_key_is_forged(card: Card) -> None:
    token = tokens.sign_card(tokens.new_private_key(), 1, card.pk, NOW)
    found = cards.check(token, NOW)
    assert not found.valid
    assert "伪造" in found.reason
    assert found.masked_name == ""


def test_a_changed_letter_is_never_valid(card: Card) -> None:
    token = cards.current_code(card, NOW)
    for place, letter in enumerate(token):
        changed = token[:place] + ("A" if letter != "A" else "B") + token[place + 1 :]
        assert not cards.check(changed, NOW).valid


@given(st.text(max_size=200))
def test_any_text_gets_an_answer(text: str) -> None:
    assert cards.check(text, NOW).valid is False


def test_a_lost_a_revoked_and_a_missing_card(card: Card) -> None:
    token = cards.current_code(card, NOW)
    rows = Card.objects.everywhere(reason=WHY).filter(pk=card.pk)
    rows.update(status=Card.Status.SUSPENDED)
    assert "挂失" in cards.check(token, NOW).reason
    rows.update(status=Card.Status.REVOKED)
    assert "注销" in cards.check(token, NOW).reason
    card.pk = 999_999_999
    assert not cards.check(cards.current_code(card, NOW), NOW).valid


def test_a_card_without_a_membership_is_not_valid(world: World, card: Card) -> None:
    Membership.objects.everywhere(reason=WHY).filter(person=card.person).delete()
    assert "没有工会会籍" in cards.check(cards.current_code(card, NOW), NOW).reason


def test_a_paper_code_lives_180_days_and_the_next_one_replaces_it(world: World, card: Card) -> None:
    actor = world.actor("worker_alpha")
    cards.print_paper(actor, card=card)
    first = cards.paper_code(card, NOW)
    assert cards.check(first, NOW + 179 * 86_400).paper
    assert not cards.check(first, NOW + 180 * 86_400 + 30).valid
    cards.print_paper(actor, card=card)
    assert "取代" in cards.check(first, NOW).reason
    assert cards.check(cards.paper_code(card, NOW), NOW).valid


def test_nobody_prints_another_persons_card(world: World, card: Card) -> None:
    from unionhall.foundation.errors import Refused

    for name in ("worker_beta", "chair_alpha"):
        with pytest.raises(Refused):
            cards.print_paper(world.actor(name), card=card)


# The public pages ----------------------------------------------------------------------------------------------


def test_the_public_page_tells_nothing_but_validity_and_a_masked_name(
    client: Client, world: World, card: Card
) -> None:
    page = client.get(f"/verify/{cards.current_code(card)}").content.decode()
    assert "会员卡有效" in page
    assert "张*" in page
    union, member = world.unions["alpha"].name, str(card.person.member_number)
    for secret in ("张海林", card.number, card.spaced_number, union, member):
        assert secret not in page


def test_every_failure_is_the_same_page(client: Client, card: Card) -> None:
    bad = {
        "expired": cards.current_code(card, NOW - 10 * 365 * 86_400),
        "forged": tokens.sign_card(tokens.new_private_key(), 1, card.pk, NOW),
        "nonsense": "ABC",
    }
    for token in bad.values():
        response = client.get(f"/verify/{token}")
        assert response.status_code == 200
        assert "未通过核验" in response.content.decode()
        assert "张" not in response.content.decode()


def test_guessing_is_throttled_for_its_address_only(
    client: Client, card: Card, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "BAD_CODES", 3)
    for _ in range(3):
        client.get("/verify/ABC", REMOTE_ADDR="192.0.2.1")
    assert client.get("/verify/ABC", REMOTE_ADDR="192.0.2.1").status_code == 429
    assert client.get("/verify/ABC", REMOTE_ADDR="192.0.2.2").status_code == 200
    good = cards.current_code(card)
    assert "会员卡有效" in client.get(f"/verify/{good}", REMOTE_ADDR="192.0.2.1").content.decode()


def test_a_good_code_costs_one_query(client: Client, card: Card, django_assert_num_queries: Any) -> None:
    code = cards.current_code(card)
    with django_assert_num_queries(1):
        client.get(f"/verify/{code}")


def test_good_codes_are_never_throttled(client: Client, card: Card, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "BAD_CODES", 2)
    for _ in range(5):
        assert client.get(f"/verify/{cards.current_code(card)}").status_code == 200


@pytest.mark.parametrize(
    "shape", ["{}", "  {} ", "https://hall.example/verify/{}", "https://hall.example/verify/{}/"]
)
def test_the_form_takes_a_code_or_an_address(client: Client, card: Card, shape: str) -> None:
    token = cards.current_code(card)
    assert client.get("/verify/", {"code": shape.format(token.lower())})["Location"] == f"/verify/{token}"


def test_the_form_explains_what_is_no_code(client: Client) -> None:
    assert client.get("/verify/", {"code": "会员卡"}).status_code == 422


def test_the_published_keys_verify_without_us(client: Client, card: Card) -> None:
    published = client.get("/verify/keys.json").json()
    keys = {key["id"]: tokens.public_key_from(base64.b64decode(key["public"])) for key in published["keys"]}
    assert tokens.read_card(cards.current_code(card, NOW), keys, NOW).card == card.pk


# The command ---------------------------------------------------------------------------------------------------


def test_the_command_checks_with_published_keys(client: Client, card: Card, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(client.get("/verify/keys.json").content)
    out = StringIO()
    address = cards.address_of(cards.current_code(card, NOW))
    call_command("card", "check", address, "--keys", str(file), "--at", str(NOW), "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"valid": True, "kind": "live", "card": card.pk, "until": NOW + 30}


def test_the_command_says_why_not(card: Card) -> None:
    with pytest.raises(CommandError, match="过期"):
        call_command("card", "check", cards.current_code(card, NOW), "--at", str(NOW + 600))
    with pytest.raises(SystemExit):
        call_command("card", "check", "ABC", "--json", stdout=StringIO())


# The worker's pages --------------------------------------------------------------------------------------------


def test_loss_and_recovery(world: World, client: Client, card: Card) -> None:
    client.force_login(world.accounts["worker_alpha"])
    token = cards.current_code(card)
    client.post("/m/card/loss/")
    assert not cards.check(token).valid
    assert "已挂失" in client.get("/m/card/").content.decode()
    client.post("/m/card/loss/")
    assert cards.check(token).valid


def test_the_paper_page_shows_only_the_present_code(world: World, client: Client, card: Card) -> None:
    client.force_login(world.accounts["worker_alpha"])
    assert client.get("/m/card/paper/print/").status_code == 302
    client.post("/m/card/paper/")
    assert "<svg" in client.get("/m/card/paper/print/").content.decode()
    Card.objects.everywhere(reason=WHY).filter(pk=card.pk).update(paper_version=9)
    assert client.get("/m/card/paper/print/").status_code == 302


def test_a_person_without_membership_has_no_card(world: World, client: Client) -> None:
    client.force_login(world.accounts["worker_outside"])
    page = client.get("/m/card/").content.decode()
    assert "还不是工会会员" in page
    assert "<svg" not in page.split("qr-box")[-1] if "qr-box" in page else True
