"""/demo/: in demonstrations one click signs in; elsewhere the pages do not exist."""

from __future__ import annotations

import io
import json
from pathlib import Path

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests.world import World
from unionhall.access.models import Account, SentText
from unionhall.foundation.sealing import phone_index
from unionhall.portal.seeding.accounts import CAST

PAGES = ("demo", "demo_roster", "demo_gallery", "demo_gallery_worker")


@pytest.fixture
def demo(settings: Settings, world: World, tmp_path: Path) -> Client:
    """The world with two parts of the cast in it: the chair and a worker with a phone."""
    settings.DEMO, settings.HOME = True, tmp_path
    Account.objects.filter(pk=world.accounts["chair_alpha"].pk).update(username="chair")
    phone = world.people["alpha_1"].phone.reveal()
    rows = [{"part": "member", "role": "会员", "username": phone, "password": "", "note": ""}]
    (tmp_path / "demo-accounts.json").write_text(json.dumps(rows), encoding="utf-8")
    return Client()


@pytest.mark.parametrize("name", PAGES)
def test_outside_demonstrations_there_is_no_demo(
    settings: Settings, client: Client, world: World, name: str
) -> None:
    settings.DEMO = False
    assert client.get(reverse(name)).status_code == 404


def test_outside_demonstrations_nobody_gets_in(settings: Settings, client: Client, world: World) -> None:
    settings.DEMO = False
    Account.objects.filter(pk=world.accounts["chair_alpha"].pk).update(username="chair")
    assert client.post(reverse("demo_sign_in", args=["chair"])).status_code == 404
    assert "_auth_user_id" not in client.session


def test_the_page_shows_the_parts_that_exist(demo: Client) -> None:
    page = demo.get(reverse("demo")).content.decode()
    assert "基层工会主席" in page
    assert reverse("demo_sign_in", args=["chair"]) in page
    assert reverse("demo_sign_in", args=["member"]) in page
    assert f'action="{reverse("demo_sign_in", args=["rights"])}"' not in page


def test_one_click_signs_a_chair_in(demo: Client, world: World) -> None:
    answer = demo.post(reverse("demo_sign_in", args=["chair"]))
    assert answer.status_code == 302
    assert answer["Location"] == reverse("desk_home")
    assert demo.session["_auth_user_id"] == str(world.accounts["chair_alpha"].pk)


def test_a_stop_of_the_tour_leads_to_its_page_and_nowhere_else(demo: Client) -> None:
    url = reverse("demo_sign_in", args=["chair"])
    assert demo.post(url, {"next": reverse("desk_reviews")})["Location"] == reverse("desk_reviews")
    assert demo.post(url, {"next": "https://example.com/"})["Location"] == reverse("desk_home")


def test_one_click_signs_a_worker_in(demo: Client, world: World) -> None:
    answer = demo.post(reverse("demo_sign_in", args=["member"]))
    assert answer["Location"] == reverse("m_home")
    assert demo.session["_auth_user_id"] == str(world.accounts["worker_alpha"].pk)
    assert answer.cookies["elder"].value == "0"


def test_a_get_signs_nobody_in_and_an_unknown_part_is_not_found(demo: Client) -> None:
    assert demo.get(reverse("demo_sign_in", args=["chair"])).status_code == 405
    assert demo.post(reverse("demo_sign_in", args=["chair_beta"])).status_code == 404
    # A part of the cast that was not seeded.
    assert demo.post(reverse("demo_sign_in", args=["rights"])).status_code == 404


def test_text_messages_are_shown(demo: Client) -> None:
    SentText.objects.create(
        phone="15400000000", phone_index=phone_index("15400000000"), text="【职工之家】验证码 135790"
    )
    assert "135790" in demo.get(reverse("demo")).content.decode()


def test_the_sample_roster_is_a_workbook(demo: Client) -> None:
    answer = demo.get(reverse("demo_roster"))
    assert openpyxl.load_workbook(io.BytesIO(answer.content)).active is not None
    assert "filename*=" in answer["Content-Disposition"]


@pytest.mark.parametrize("name", ["demo_gallery", "demo_gallery_worker"])
def test_the_gallery(demo: Client, name: str) -> None:
    assert demo.get(reverse(name)).status_code == 200


def test_every_part_begins_on_a_page_that_exists() -> None:
    for part in CAST:
        assert reverse(part.start)
