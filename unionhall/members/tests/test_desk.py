"""The desk's list of members: filters, counts, searching by name and number, batches."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.world import World, resident_id
from unionhall.foundation.actors import system_actor
from unionhall.members import actions, finding, totals
from unionhall.members.finding import find, read_number
from unionhall.members.models import Card, Employment, Membership, Person
from unionhall.organisations.models import Organisation
from unionhall.records.models import JournalEntry, Message

WHY = "test"
SignIn = Callable[[str], Client]


def rows_of(response: Any) -> set[int]:
    return {row.person_id for row in response.context["rows"]}


def people(world: World, *names: str) -> set[int]:
    return {world.people[name].pk for name in names}


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("chair_alpha", {"alpha_1", "alpha_2", "alpha_3"}),
        ("transport_officer", {"alpha_1", "alpha_2", "alpha_3"}),
        ("chair_beta", {"beta_1", "beta_2"}),
        ("pier_officer", {"alpha_1", "alpha_2", "alpha_3", "beta_1", "beta_2"}),
        ("gorge_officer", {"delta_1"}),
        ("auditor", {"alpha_1", "alpha_2", "alpha_3", "beta_1", "beta_2", "gamma_1", "delta_1"}),
    ],
)
def test_the_list_and_its_counts_follow_scope(
    world: World, signed_in: SignIn, who: str, seen: set[str]
) -> None:
    response = signed_in(who).get("/desk/members/")
    assert response.status_code == 200
    assert rows_of(response) == people(world, *seen)
    counts = response.context["counts"]
    assert counts["total"] == len(seen) == counts["active"] + counts["retained"]
    assert counts["men"] + counts["women"] == len(seen)


@pytest.mark.parametrize(("who", "status"), [("leader", 403), ("merchant", 403), ("operator", 403)])
def test_without_the_permission_the_page_says_which(
    world: World, signed_in: SignIn, who: str, status: int
) -> None:
    response = signed_in(who).get("/desk/members/")
    assert response.status_code == status
    assert "查看会员名册" in response.content.decode()


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ("q=张", {"alpha_1", "beta_2"}),
        ("q=海燕", {"beta_2"}),
        ("q=燕海", set()),
        ("q=zh", {"alpha_1", "beta_2"}),
        ("q=zhl", {"alpha_1"}),
        ("sex=2", {"alpha_2", "alpha_3", "beta_2"}),
        ("standing=retained", set()),
        ("age=16-30", None),
    ],
)
def test_filters_live_in_the_address(
    world: World, signed_in: SignIn, query: str, seen: set[str] | None
) -> None:
    response = signed_in("pier_officer").get(f"/desk/members/?{query}")
    assert response.status_code == 200
    if seen is None:
        today = timezone.localdate()
        ages = {row.person.birth for row in response.context["rows"]}
        assert all(date(today.year - 31, 1, 1) <= birth for birth in ages)
    else:
        assert rows_of(response) == people(world, *seen)


def test_under_a_union_and_as_of_a_day(world: World, signed_in: SignIn) -> None:
    client, alpha = signed_in("river_officer"), world.unions["alpha"]
    assert rows_of(client.get(f"/desk/members/?under={alpha.code}")) == people(
        world, "alpha_1", "alpha_2", "alpha_3"
    )
    before = timezone.localdate() - timedelta(days=40)
    actions.move(
        system_actor(), membership=world.memberships["alpha_1"], destination=world.unions["gamma"],
        on=timezone.localdate() - timedelta(days=20),
    )  # fmt: skip
    assert world.people["alpha_1"].pk not in rows_of(client.get(f"/desk/members/?under={alpha.code}"))
    then = client.get(f"/desk/members/?under={alpha.code}&on={before:%Y-%m-%d}")
    assert rows_of(then) == people(world, "alpha_1", "alpha_2", "alpha_3")
    assert then.context["counts"]["total"] == 3
    outside = client.get(f"/desk/members/?under={world.unions['delta'].code}")
    assert "不在您的管理范围" in outside.content.decode()
    future = client.get("/desk/members/?on=2099-01-01")
    assert "不能晚于今天" in future.content.decode()


def test_employment_filters(world: World, signed_in: SignIn) -> None:
    person = world.people["alpha_2"]
    Employment.objects.everywhere(reason=WHY).update(form="1", status="1")
    Employment.objects.everywhere(reason=WHY).filter(person=person).update(form="5", status="3")
    Person.objects.everywhere(reason=WHY).filter(pk=person.pk).update(migrant_worker=True)
    others = Person.objects.everywhere(reason=WHY).exclude(pk=person.pk)
    others.update(migrant_worker=False)
    client = signed_in("chair_alpha")
    for query in ("new_form=1", "status=3", "form=5", "migrant=1"):
        assert rows_of(client.get(f"/desk/members/?{query}")) == {person.pk}, query


def test_a_number_never_stays_in_the_address(world: World, signed_in: SignIn) -> None:
    client, person = signed_in("chair_alpha"), world.people["alpha_2"]
    number, phone = person.id_number.reveal(), person.phone.reveal()
    card = Card.objects.everywhere(reason=WHY).get(person=person)
    for typed in (number, number.lower(), phone, f"+86 {phone}", person.member_number, card.number):
        response = client.post("/desk/members/find/", {"number": typed})
        assert response.status_code == 302
        assert str(typed) not in response["Location"]
        assert rows_of(client.get(response["Location"])) == {person.pk}, typed
    typed_in_the_name_box = client.get(f"/desk/members/?q={number}")
    assert typed_in_the_name_box.status_code == 302
    assert number not in typed_in_the_name_box["Location"]
    entry = JournalEntry.objects.everywhere(reason=WHY).filter(action="members.find").last()
    assert entry is not None
    assert number not in str(entry.detail)


def test_a_search_token_is_ones_own_and_in_scope(world: World, signed_in: SignIn) -> None:
    number = world.people["beta_1"].id_number.reveal()
    found = signed_in("pier_officer").post("/desk/members/find/", {"number": number})["Location"]
    response = signed_in("chair_beta").get(found)
    assert "已失效" in response.content.decode()
    mine = signed_in("chair_alpha").post("/desk/members/find/", {"number": number})["Location"]
    assert rows_of(signed_in("chair_alpha").get(mine)) == set()
    broken = signed_in("chair_alpha").get("/desk/members/?found=AAAA")
    assert broken.status_code == 200


def test_query_counts_do_not_grow_with_rows(world: World, signed_in: SignIn) -> None:
    """One row, then three: the list and the detail ask as often."""
    client, person = signed_in("chair_beta"), world.people["beta_1"]
    Membership.objects.everywhere(reason=WHY).filter(person=world.people["beta_2"]).delete()
    seen = []
    for rows in (1, 3):
        for number in range(rows - 1):
            actions.register_member(
                system_actor(), organisation=world.unions["beta"], on=date(2024, 1, 1), name="田甜", id_type="01",
                id_number=resident_id(date(1991, 2, 3), "2", 40 - number), phone="13900001234",
            )  # fmt: skip
            actions.reveal(system_actor(), person=person, what="phone", reason="核对资料")
        counts = []
        for url in ("/desk/members/", f"/desk/members/{person.pk}/"):
            with CaptureQueriesContext(connection) as captured:
                response = client.get(url)
            counts.append(len(captured))
            if url == "/desk/members/":
                assert len(response.context["rows"]) == rows
        seen.append(counts)
    assert seen[0] == seen[1]
    assert seen[0][0] <= 12
    assert seen[0][1] <= 16


def batch(client: Client, query: str = "", **data: Any) -> Any:
    return client.post(f"/desk/members/batch/{query}", data)


def test_a_message_to_ticked_members_reports_by_row(world: World, signed_in: SignIn) -> None:
    client = signed_in("chair_alpha")
    chosen = [world.memberships[name].pk for name in ("alpha_1", "alpha_2", "beta_1")]
    target = batch(client, selected=chosen, action="/desk/members/message/")["Location"]
    assert parse_qs(urlparse(target).query).keys() == {"selection"}
    assert "<b>2</b>" in client.get(target).content.decode()  # beta_1 is out of scope
    text = client.post(target, {"title": "领取慰问品", "body": "请周五前到工会领取。"}).content.decode()
    told = Message.objects.everywhere(reason=WHY).filter(title="领取慰问品")
    assert {message.recipient_id for message in told} == {world.people["alpha_1"].account_id}
    assert "还没有登录过手机端" in text
    assert world.people["alpha_2"].masked_name in text
    assert signed_in("chair_beta").get(target).status_code == 404  # another account's selection


def test_everything_means_what_the_filters_leave(world: World, signed_in: SignIn) -> None:
    client = signed_in("pier_officer")
    target = batch(client, "?sex=2", everything="1", action="/desk/members/message/")["Location"]
    assert "<b>3</b>" in client.get(target).content.decode()
    nothing = batch(client, action="/desk/members/message/")
    assert nothing["Location"].startswith("/desk/members/?")
    stranger = batch(client, selected=[1], action="https://example.org/")
    assert stranger["Location"].startswith("/desk/members/?")


def test_the_search_box(world: World, signed_in: SignIn) -> None:
    client = signed_in("pier_officer")
    found = client.post("/desk/search/", {"q": "张"})
    assert found["Location"] == "/desk/search/?q=%E5%BC%A0"
    assert {row.person_id for row in client.get(found["Location"]).context["members"]} == people(
        world, "alpha_1", "beta_2"
    )
    unions = client.get("/desk/search/?q=安达").context["unions"]
    assert world.unions["alpha"] in unions
    number = world.people["beta_1"].phone.reveal()
    assert number not in client.post("/desk/search/", {"q": number})["Location"]
    assert client.get(f"/desk/search/?q={number}").status_code == 302
    assert signed_in("leader").post("/desk/search/", {"q": number})["Location"] == "/desk/search/?q="


def test_name_search_stands_on_its_indexes(world: World) -> None:
    access = world.actor("province_officer").access
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for text, index in (
            ("张", "person_name_characters"),
            ("张海", "person_name_characters"),
            ("zh", "person_initials"),
        ):
            rows = Person.objects.everywhere(reason="which index answers").named(text)
            assert index in rows.explain(), text
        number = read_number(world.people["alpha_1"].id_number.reveal())
        assert number is not None
        plan = find(access, {"found": number}).explain()
        assert "id_index" in plan


@pytest.mark.parametrize(("who", "full"), [("chair_alpha", True), ("clerk", False)])
def test_the_list_names_members_to_who_keeps_the_register(
    world: World, signed_in: SignIn, who: str, full: bool
) -> None:
    person = world.people["alpha_1"]
    text = signed_in(who).get("/desk/members/").content.decode()
    assert (person.name in text) is full
    assert (person.masked_name in text) or full


def test_a_count_is_broken_off_and_says_so(signed_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in("province_officer")
    whole = client.get("/desk/members/")
    assert whole.context["counts"]["active"] == whole.context["total"] - whole.context["counts"]["retained"]
    monkeypatch.setattr(finding, "COUNTED", 2)
    monkeypatch.setattr(totals, "_supply", None)
    page = client.get("/desk/members/")
    assert "2 以上" in page.content.decode()
    assert "active" not in page.context["counts"]
    assert [row.pk for row in page.context["rows"]] == [row.pk for row in whole.context["rows"]]


def test_narrowing_to_a_level_changes_no_answer(world: World) -> None:
    """Every scope the tree knows: with the words of the level's index and without them."""
    rows = Membership.objects.everywhere(reason=WHY).current()
    used = set()
    for union in Organisation.objects.everywhere(reason=WHY):
        for path in union.paths:
            seen = rows.filter(Membership.scope_q([path]))
            narrowed = seen.narrowed(seen.narrowing([path]))
            used.add("LEFT(" in str(narrowed.query))
            assert set(narrowed) == set(seen)
    assert used == {True, False}
