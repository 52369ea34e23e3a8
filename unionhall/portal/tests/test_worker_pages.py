"""The worker's entrance: home for everyone, messages, elder view, a copy of one's own data."""

import json
from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from tests.world import World
from unionhall.access import signing
from unionhall.records.actions import notify
from unionhall.records.models import JournalEntry, Message

pytestmark = pytest.mark.django_db
WHY = "test"


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def test_home_of_a_member_a_person_and_a_stranger(world: World, client: Client) -> None:
    client.force_login(world.accounts["worker_alpha"])
    home = page(client, "/m/")
    assert "张海林" in home
    assert world.unions["alpha"].name in home
    assert "会员码" in home
    client.force_login(world.accounts["worker_outside"])
    assert "申请入会" in page(client, "/m/")
    client.force_login(signing.account_of("13800000001"))
    assert "确认身份" in page(client, "/m/")


@pytest.mark.parametrize(
    "path", ["/m/", "/m/matters/", "/m/messages/", "/m/profile/", "/m/help/", "/m/card/", "/m/join/"]
)
def test_who_has_not_said_who_he_is_can_still_look_around(world: World, client: Client, path: str) -> None:
    client.force_login(signing.account_of("13800000001"))
    page(client, path)


def test_only_services_that_exist_are_offered(world: World, client: Client) -> None:
    client.force_login(world.accounts["worker_alpha"])
    for path in ("/m/", "/m/matters/"):
        for address in _links(page(client, path)):
            assert client.get(address).status_code in {200, 302}, address


def _links(html: str) -> set[str]:
    import re

    return {found for found in re.findall(r'href="(/[^"#]*)"', html) if not found.startswith("/static/")}


def test_messages_are_read_and_belong_to_one(world: World, client: Client) -> None:
    mine, other = world.accounts["worker_alpha"], world.accounts["worker_beta"]
    for account in (mine, other):
        notify(account.pk, f"给{account.pk}的消息", "内容", "//evil.example/")
    client.force_login(mine)
    letters = {row.recipient_id: row for row in Message.objects.everywhere(reason=WHY)}
    listed = page(client, "/m/messages/")
    assert f"给{mine.pk}的消息" in listed
    assert f"给{other.pk}的消息" not in listed
    assert client.get(f"/m/messages/{letters[other.pk].pk}/").status_code == 404
    assert "evil" not in page(client, f"/m/messages/{letters[mine.pk].pk}/")
    letters[mine.pk].refresh_from_db()
    assert letters[mine.pk].read_at is not None
    notify(mine.pk, "又一条")
    client.post("/m/messages/")
    unread = Message.objects.everywhere(reason=WHY).filter(read_at=None)
    assert list(unread.values_list("recipient_id", flat=True)) == [other.pk]


def test_large_type_is_kept_in_a_cookie_and_leads_back(client: Client) -> None:
    response = client.post("/m/elder/", {"elder": "1", "next": "/m/sign-in/"})
    assert response["Location"] == "/m/sign-in/"
    assert "data-large" in page(client, "/m/sign-in/")
    assert client.post("/m/elder/", {"elder": "1", "next": "https://evil.example/"})["Location"] == "/m/"
    client.post("/m/elder/", {"elder": "0"})
    assert "data-large" not in page(client, "/m/sign-in/")


def test_own_data_in_three_forms_each_journalled(world: World, client: Client) -> None:
    client.force_login(world.accounts["worker_alpha"])
    person = world.people["alpha_1"]
    number = person.id_number.reveal()
    assert number not in page(client, "/m/profile/data/")
    shown = client.post("/m/profile/data/", {"kind": "html"}).content.decode()
    document = json.loads(client.post("/m/profile/data/", {"kind": "json"}).content)
    book = load_workbook(BytesIO(client.post("/m/profile/data/", {"kind": "xlsx"}).content))
    assert number in shown
    assert document["本人资料"][0]["证件号码"] == number
    assert document["会籍"][0]["工会"] == world.unions["alpha"].name
    sheet = book["本人资料"]
    column = [cell.value for cell in sheet[1]].index("证件号码")
    assert sheet[2][column].value == number
    entries = JournalEntry.objects.everywhere(reason=WHY).filter(action="portal.export_own")
    assert sorted(entry.detail["kind"] for entry in entries) == ["html", "json", "xlsx"]


def test_own_data_is_ones_own(world: World, client: Client) -> None:
    client.force_login(world.accounts["worker_alpha"])
    text = client.post("/m/profile/data/", {"kind": "json"}).content.decode()
    for other in ("beta_1", "alpha_2"):
        assert world.people[other].name not in text


def test_the_public_home_links_only_what_exists(client: Client, world: World) -> None:
    for address in _links(page(client, "/")):
        assert client.get(address).status_code in {200, 302}, address


@pytest.mark.parametrize("path", ["/privacy/", "/accessibility/", "/verify/"])
def test_public_statements(client: Client, path: str) -> None:
    page(client, path)


def test_own_data_tells_of_posts_and_visits(world: World) -> None:
    from tests.architecture import samples_outreach as visits
    from unionhall.network.models import GridCell, GridWorker
    from unionhall.portal.own_data import gather

    item = visits.item(world, settled=True)
    cell = GridCell.objects.create(
        code="C1", name="码头一格", organisation=world.unions["pier"], division="420103"
    )
    GridWorker.objects.create(cell=cell, account=world.accounts["worker_alpha"], name="张海林")
    found = gather(world.accounts["worker_alpha"], world.people["alpha_1"])
    assert [one["网格"] for one in found["网格员"]] == ["码头一格"]
    assert [one["编号"] for one in found["走访问题"]] == [item.number]
    assert [one["编号"] for one in found["走访"]] == [item.visit.number]
    other = gather(world.accounts["worker_beta"], world.people["beta_1"])
    assert not any(other[name] for name in ("网格员", "走访", "走访问题", "走访评价", "必访任务"))
