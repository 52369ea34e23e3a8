"""Members typed line by line: every number counts as a look-up and stands in the journal, hit or miss."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
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
    assert not any(number in over.content.decode() for number in GUESSES)
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
    assert choosing.numbers_in(text) == 0
    assert choosing.numbers_in(f"欧阳娜\n{phone_of(1)}\n{phone_of(1)}") == 1, "each line once"
