"""The desk's pages of members: the list and its filters, searching by number, detail, reveal, edit, register, batch."""

import re
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
from unionhall.members import actions, totals
from unionhall.members.finding import find, read_number
from unionhall.members.models import Card, Employment, Membership, Person
from unionhall.members.views import register
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
    future = client.get("/desk/members/?on=2999-01-01")
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


def test_detail_is_masked_and_scoped(world: World, signed_in: SignIn) -> None:
    person = world.people["alpha_1"]
    for who, name in (
        ("chair_alpha", person.name),
        ("auditor", person.masked_name),
        ("clerk", person.masked_name),
    ):
        response = signed_in(who).get(f"/desk/members/{person.pk}/")
        text = response.content.decode()
        assert response.status_code == 200
        assert person.id_number.reveal() not in text
        assert person.phone.reveal() not in text
        assert person.masked_id in text
        assert re.search(rf"<h1>\s*{re.escape(name)}\s*</h1>", text), who
    for who in ("chair_beta", "chair_gamma", "gorge_officer"):
        assert signed_in(who).get(f"/desk/members/{person.pk}/").status_code == 404


def test_reveal_with_and_without_script(world: World, signed_in: SignIn) -> None:
    person, client = world.people["alpha_1"], signed_in("chair_alpha")
    number = person.id_number.reveal()
    url = f"/desk/members/{person.pk}/reveal/id-number/"
    assert number not in client.get(url).content.decode()
    refused = client.post(url, {"why": "", "text": ""}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert refused["HX-Retarget"] == "#dialog-body"
    shown = client.post(url, {"why": "核对入会材料", "text": ""}, headers={"HX-Request": "true"})
    assert shown["HX-Trigger"] == "close-dialog"
    assert number in shown.content.decode()
    assert "<html" not in shown.content.decode()
    whole = client.post(url, {"why": "", "text": "本人电话要求核对"}).content.decode()
    assert number in whole
    assert 'http-equiv="refresh"' in whole
    entry = JournalEntry.objects.everywhere(reason=WHY).filter(action="members.reveal").last()
    assert entry is not None
    assert (entry.reason, entry.subject_id) == ("本人电话要求核对", person.pk)
    assert signed_in("chair_beta").get(url).status_code == 404
    assert signed_in("auditor").get(url).status_code == 403
    assert signed_in("chair_alpha").get(f"/desk/members/{person.pk}/reveal/name/").status_code == 404


def test_the_worker_reads_who_saw_it(world: World, signed_in: SignIn) -> None:
    person = world.people["alpha_1"]
    actions.reveal(world.actor("chair_alpha"), person=person, what="phone", reason="通知领取慰问品")
    text = signed_in("worker_alpha").get("/m/who-saw/").content.decode()
    assert "通知领取慰问品" in text
    assert world.unions["alpha"].name in text
    assert "基层工会主席" in text
    assert "通知领取慰问品" not in signed_in("worker_beta").get("/m/who-saw/").content.decode()


def test_edit_keeps_what_was_typed_and_leaves_numbers_alone(world: World, signed_in: SignIn) -> None:
    person, client = world.people["alpha_2"], signed_in("chair_alpha")
    url = f"/desk/members/{person.pk}/edit/"
    page = client.get(url)
    data = {name: value for name, value in page.context["form"].initial.items() if value not in (None, False)}
    data["birth"] = f"{person.birth:%Y-%m-%d}"
    text = page.content.decode()
    assert person.phone.reveal() not in text
    wrong = client.post(url, data | {"name": "欧阳3", "native_place": "湖北江城"})
    assert wrong.status_code == 422
    assert "湖北江城" in wrong.content.decode()
    done = client.post(url, data | {"native_place": "湖北江城", "reason": "本人来函"})
    assert done.status_code == 302, done.context["form"].errors
    fresh = Person.objects.everywhere(reason=WHY).get(pk=person.pk)
    assert fresh.native_place == "湖北江城"
    assert fresh.id_number.reveal() == person.id_number.reveal()
    assert fresh.phone.reveal() == person.phone.reveal()
    assert signed_in("chair_beta").post(url, data).status_code == 404


def test_a_corrected_document_brings_its_own_sex_and_birth(world: World, signed_in: SignIn) -> None:
    person, client = world.people["alpha_2"], signed_in("chair_alpha")
    url = f"/desk/members/{person.pk}/edit/"
    data = {
        name: value
        for name, value in client.get(url).context["form"].initial.items()
        if value not in (None, False)
    }
    data["birth"] = f"{person.birth:%Y-%m-%d}"
    done = client.post(url, data | {"id_number": resident_id(date(1993, 7, 15), "2", 48)})
    assert done.status_code == 302, done.context["form"].errors
    assert Person.objects.everywhere(reason=WHY).get(pk=person.pk).birth == date(1993, 7, 15)


def test_register_by_hand(world: World, signed_in: SignIn) -> None:
    client, alpha = signed_in("chair_alpha"), world.unions["alpha"]
    number = resident_id(date(1991, 2, 3), "2", 44)
    data = {
        "name": "田甜", "id_type": "01", "id_number": number, "phone": "13900001234", "organisation": alpha.code,
        "on": "2024-05-01", "form": "1", "lives_on_wages": "on",
    }  # fmt: skip
    bad = client.post(
        "/desk/members/new/", data | {"id_number": number[:-1] + ("0" if number[-1] != "0" else "1")}
    )
    assert bad.status_code == 422
    assert "校验未通过" in bad.content.decode()
    young = client.post("/desk/members/new/", data | {"id_number": resident_id(date(2012, 2, 3), "2", 44)})
    assert "未满 16 周岁" in young.content.decode()
    outside = client.post("/desk/members/new/", data | {"organisation": world.unions["beta"].code})
    assert outside.status_code == 422
    done = client.post("/desk/members/new/", data)
    assert done.status_code == 302, done.context["form"].errors
    again = client.post("/desk/members/new/", data)
    assert again.status_code == 422
    assert "已是本工会会员" in again.content.decode()
    elsewhere = client.post(
        "/desk/members/new/",
        data | {"id_number": world.people["beta_1"].id_number.reveal(), "name": world.people["beta_1"].name},
    )
    assert "会籍转接" in elsewhere.content.decode()


def test_a_registered_person_without_membership_is_taken_up(world: World, signed_in: SignIn) -> None:
    person, alpha = world.people["outsider"], world.unions["alpha"]
    data = {
        "name": "周萍", "id_type": "01", "id_number": person.id_number.reveal(), "organisation": alpha.code,
        "on": "2024-05-01", "form": "1", "lives_on_wages": "on",
    }  # fmt: skip
    client = signed_in("chair_alpha")
    assert "姓名与填写的不一致" in client.post("/desk/members/new/", data).content.decode()
    assert client.post("/desk/members/new/", data | {"name": person.name}).status_code == 302
    assert Membership.objects.everywhere(reason=WHY).current().get(person=person).organisation_id == alpha.pk


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


def test_card_acts(world: World, signed_in: SignIn) -> None:
    person, client = world.people["alpha_1"], signed_in("chair_alpha")
    for verb, state in (
        ("suspend", "suspended"),
        ("restore", "active"),
        ("replace", "active"),
        ("revoke", "revoked"),
    ):
        assert client.get(f"/desk/members/{person.pk}/card/{verb}/").status_code == 200
        done = client.post(f"/desk/members/{person.pk}/card/{verb}/", {"reason": "本人申请"})
        assert done.status_code == 302, verb
        card = Card.objects.everywhere(reason=WHY).filter(person=person).order_by("-pk").first()
        assert card is not None
        assert card.status == state
    assert client.post(f"/desk/members/{person.pk}/card/explode/", {"reason": "x"}).status_code == 404


def test_employment_is_changed_as_history(world: World, signed_in: SignIn) -> None:
    person, client = world.people["alpha_1"], signed_in("chair_alpha")
    url = f"/desk/members/{person.pk}/employment/"
    assert client.get(url).status_code == 200
    today = timezone.localdate()
    data = {"status": "4", "form": "1", "work_unit": "安达快递", "on": f"{today:%Y-%m-%d}"}
    assert client.post(url, data).status_code == 302
    rows = Employment.objects.everywhere(reason=WHY).filter(person=person).order_by("-period")
    assert [(row.status, row.period.upper) for row in rows[:2]] == [("4", None), (rows[1].status, today)]
    assert client.post(url, data | {"on": "2010-01-01"}).status_code == 422


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
    monkeypatch.setattr(register, "COUNTED", 2)
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
            narrowed = seen.narrowed([path])
            used.add("LEFT(" in str(narrowed.query))
            assert set(narrowed) == set(seen)
    assert used == {True, False}
