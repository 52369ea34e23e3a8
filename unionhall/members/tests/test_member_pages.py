"""A member's own pages at the desk: detail, reveal, edit, register, card, employment."""

import re
from collections.abc import Callable
from datetime import date

from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.world import World, resident_id
from unionhall.members import actions
from unionhall.members.models import Card, Employment, Membership, Person
from unionhall.records.models import JournalEntry

WHY = "test"
SignIn = Callable[[str], Client]


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


def test_another_document_on_the_edit_page_is_a_counted_look_up(
    world: World, signed_in: SignIn, settings: Settings
) -> None:
    """It says whether the number is registered anywhere, and rolls back; saving without one looks for nobody."""
    settings.LOOKUPS_HOURLY = 1
    person, client = world.people["alpha_2"], signed_in("chair_alpha")
    url, number = f"/desk/members/{person.pk}/edit/", world.people["gamma_1"].id_number.reveal()
    data = {"name": person.name, "id_type": "01", "reason": "本人来函"}
    for _ in range(3):
        assert client.post(url, data).status_code == 302
    taken = client.post(url, data | {"id_number": number})
    assert "已经登记过" in taken.content.decode()
    over = client.post(url, data | {"id_number": number})
    assert over.status_code == 429
    assert number in over.content.decode(), "what was typed is kept"


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
