"""Members typed line by line: every number counts as a look-up and stands in the journal, hit or miss."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.architecture import samples_outreach as scene
from tests.world import World, phone_of
from unionhall.outreach import choosing
from unionhall.records.models import JournalEntry

pytestmark = pytest.mark.django_db
WHY = "test"
SignIn = Callable[[str], Client]
GUESSES = [phone_of(number) for number in range(1, 8)]


def entries(action: str) -> list[dict[str, Any]]:
    rows = JournalEntry.objects.everywhere(reason=WHY).filter(action=action).order_by("pk")
    return list(rows.values_list("detail", flat=True))


def posts(world: World) -> dict[str, tuple[str, dict[str, Any]]]:
    """Address and field of each form that takes members."""
    who = world.accounts["chair_alpha"].pk
    visit = {
        "organisation": world.unions["alpha"].pk, "kind": "call", "on": f"{timezone.localdate():%Y-%m-%d}",
        "participants": [who],
    }  # fmt: skip
    stops = reverse("desk_visit_stops", args=[scene.visit(world, done=False).pk])
    return {
        "visit": (reverse("desk_visit_new"), visit | {"people": "\n".join(GUESSES)}),
        "stops": (stops, {"people": "\n".join(GUESSES)}),
        "contact": (reverse("desk_contact_new"), {"cadre": who, "person": "\n".join(GUESSES[:4])}),
        "duty": (
            reverse("desk_visit_duty_new"),
            {"trouble": "trouble", "because": "遇到难处", "person": "\n".join(GUESSES[:4])},
        ),
    }


@pytest.mark.parametrize("name", ["visit", "stops", "contact", "duty"])
def test_no_form_is_a_way_to_try_numbers(world: World, signed_in: SignIn, settings: Any, name: str) -> None:
    settings.LOOKUPS_HOURLY = 3
    client = signed_in("chair_alpha")
    address, form = posts(world)[name]
    over = client.post(address, form)
    assert over.status_code == 429
    assert entries("members.find") == [], "nobody was looked for"
    assert len(entries("access.many_lookups")) == 1


def test_numbers_are_looked_up_in_one_entry_of_the_journal(world: World, signed_in: SignIn) -> None:
    client = signed_in("chair_alpha")
    address, form = posts(world)["visit"]
    missed = client.post(address, form)
    assert missed.status_code == 422
    assert entries("members.find") == [{"numbers": 7, "found": 3, "at": "outreach"}]
    assert client.post(address, form | {"people": f"欧阳娜\n{phone_of(1)}"}).status_code == 302
    assert entries("members.find")[1:] == [{"numbers": 1, "found": 1, "at": "outreach"}]


def test_names_are_no_look_ups(world: World, signed_in: SignIn, settings: Any) -> None:
    settings.LOOKUPS_HOURLY = 0
    client = signed_in("chair_alpha")
    address, form = posts(world)["visit"]
    assert client.post(address, form | {"people": "欧阳娜\n张海林"}).status_code == 302
    assert entries("members.find") == []


def test_too_many_lines_are_neither_counted_nor_looked_up() -> None:
    text = "\n".join(phone_of(number) for number in range(choosing.MOST_LINES + 1))
    assert choosing.numbers_in(text) == []
    assert choosing.numbers_in(f"欧阳娜\n{phone_of(1)}\n{phone_of(1)}") == [phone_of(1)], "each line once"


def test_beyond_the_limit_nothing_that_was_typed_is_lost(
    world: World, signed_in: SignIn, settings: Any
) -> None:
    settings.LOOKUPS_HOURLY = 3
    client = signed_in("chair_alpha")
    address, form = posts(world)["visit"]
    typed = {"venue": "一号仓库门口", "firms": "江城安达", "kind": "research", "done": "on"}
    typed["participants"] = [world.accounts["officer_alpha"].pk]  # type: ignore[assignment]
    answer = client.post(address, form | typed)
    assert answer.status_code == 429
    page = answer.context["form"]
    assert not page.is_bound, "a bound form looks the numbers up"
    html = answer.content.decode()
    for number in GUESSES:
        assert number in html
    for name in ("venue", "firms", "kind"):
        assert page[name].value() == typed[name]
    assert page["done"].value() is True
    assert page["participants"].value() == [str(world.accounts["officer_alpha"].pk)]


def test_who_corrects_one_line_looks_up_one(world: World, signed_in: SignIn, settings: Any) -> None:
    settings.LOOKUPS_HOURLY = 8
    client = signed_in("chair_alpha")
    address, form = posts(world)["visit"]
    for _ in range(3):
        assert client.post(address, form).status_code == 422
    corrected = [*GUESSES[:-1], phone_of(8)]
    assert client.post(address, form | {"people": "\n".join(corrected)}).status_code == 422
    again = [*GUESSES[:-1], phone_of(9)]
    for _ in range(2):
        assert client.post(address, form | {"people": "\n".join(again)}).status_code == 429, (
            "never for nothing"
        )
    assert client.post(address, form).status_code == 422


def test_the_same_number_of_another_account_is_another_look_up(
    world: World, signed_in: SignIn, settings: Any
) -> None:
    settings.LOOKUPS_HOURLY = 7
    address, form = posts(world)["visit"]
    assert signed_in("chair_alpha").post(address, form).status_code == 422
    settings.LOOKUPS_HOURLY = 6
    assert signed_in("chair_beta").post(address, form).status_code == 429


def test_many_numbers_are_counted_in_few_statements(world: World, signed_in: SignIn) -> None:
    client, address = signed_in("chair_alpha"), reverse("desk_visit_new")
    with CaptureQueriesContext(connection) as asked:
        client.post(address, {"people": "\n".join(phone_of(number) for number in range(100, 150))})
    assert sum("foundation_throttle" in one["sql"] for one in asked) <= 3
