"""The wall: many screens cost one, and it shows small numbers to nobody."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    from django.core.cache import cache

    cache.clear()
    yield
    cache.clear()


def test_many_screens_cost_one(world: World, signed_in: Any, django_assert_max_num_queries: Any) -> None:
    client = signed_in("river_officer")
    assert client.get("/screen/").status_code == 200
    with django_assert_max_num_queries(8):  # session, account, grants, the union
        text = client.get("/screen/figures/", headers={"HX-Request": "true"}).content.decode()
    assert 'id="wall-clock"' in text
    assert "hx-swap-oob" in text


def test_the_wall_shows_small_numbers_to_nobody(world: World, signed_in: Any) -> None:
    """Not even to the officer who could look them up: others stand before the wall."""
    context = signed_in("river_officer").get("/screen/").context["wall"]
    assert context["tiles"][0]["value"] == 6
    assert context["tiles"][1]["value"] is None
    assert [place["value"] for place in context["places"]] == [None, None]
    assert context["ranking"] == []


def test_the_wall_of_another_union(world: World, signed_in: Any) -> None:
    client = signed_in("river_officer")
    assert "江东区总工会" in client.get(f"/screen/?under={world.unions['east'].code}").content.decode()
    assert client.get(f"/screen/?under={world.unions['gorge_city'].code}").status_code == 404


def test_a_screen_whose_session_ended_goes_to_the_sign_in_page(client: Client, world: World) -> None:
    answer = client.get("/screen/figures/", headers={"HX-Request": "true"})
    assert answer.headers["HX-Redirect"].startswith("/")
    assert "next=/screen/" in answer.headers["HX-Redirect"]
    assert client.get("/screen/").status_code == 302
