"""Tying an account to a person: the ways in, and the attacks."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from tests.world import PEOPLE, World, resident_id
from unionhall.access import attempts, signing
from unionhall.access.grants import actor_for
from unionhall.access.models import Account
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import phone_index
from unionhall.members import consents
from unionhall.members.identity import MISMATCH, identify, person_of
from unionhall.members.models import Consent, Person

pytestmark = pytest.mark.django_db
WHY = "test"
NEW = resident_id(date(1990, 2, 3), "1", 40)


def document_of(key: str) -> str:
    _, sex, birth, _ = PEOPLE[key]
    return resident_id(birth, sex, list(PEOPLE).index(key) + 1)


def come(account: Account, name: str, number: str) -> Person:
    return identify(actor_for(account), account=account, name=name, id_type="01", id_number=number)


def of_phone(world: World, key: str) -> Account:
    """An account that has just proven the phone which the register holds for a person."""
    phone = world.people[key].phone
    assert phone is not None
    return signing.account_of(phone.reveal())


def test_the_person_of_the_roster_is_found_by_document_and_phone(world: World) -> None:
    account = of_phone(world, "alpha_2")
    person = come(account, "欧阳娜", document_of("alpha_2"))
    assert person.pk == world.people["alpha_2"].pk
    assert person_of(account) == person
    account.refresh_from_db()
    assert account.display_name == "欧*"


def test_a_newcomer_is_registered(world: World) -> None:
    account = signing.account_of("13800000001")
    person = come(account, "钱 多多", NEW.lower())
    assert person.name == "钱多多"
    assert person.phone_index == phone_index("13800000001")
    assert person_of(account) == person


def test_identifying_twice_changes_nothing(world: World) -> None:
    account = signing.account_of("13800000001")
    assert come(account, "钱多多", NEW) == come(account, "钱多多", NEW)


def test_a_wrong_name_reveals_nothing(world: World) -> None:
    """The answer is the same for the right phone, another phone and a person linked already."""
    answers = set()
    for account, key in (
        (of_phone(world, "alpha_2"), "alpha_2"),
        (signing.account_of("13800000001"), "alpha_2"),
        (signing.account_of("13800000001"), "alpha_1"),
    ):
        with pytest.raises(Refused) as refusal:
            come(account, "赵六", document_of(key))
        answers.add(str(refusal.value))
        assert person_of(account) is None
    assert answers == {MISMATCH}


def test_knowing_name_and_document_is_not_enough(world: World) -> None:
    with pytest.raises(Refused, match="更新手机号"):
        come(signing.account_of("13800000001"), "欧阳娜", document_of("alpha_2"))


def test_a_roster_without_phone_opens_to_nobody(world: World) -> None:
    Person.objects.everywhere(reason=WHY).filter(pk=world.people["alpha_2"].pk).update(
        phone=None, phone_index=None
    )
    with pytest.raises(Refused, match="更新手机号"):
        come(signing.account_of("13800000001"), "欧阳娜", document_of("alpha_2"))


def test_one_account_is_one_person(world: World) -> None:
    account = signing.account_of("13800000001")
    come(account, "钱多多", NEW)
    with pytest.raises(Refused, match="另一个人"):
        come(account, "孙大圣", resident_id(date(1991, 2, 3), "1", 41))


def test_an_identity_entered_by_a_stranger_falls_to_its_owner(world: World) -> None:
    """A stranger registers my document; the union then records my phone; the stranger's link is worth nothing."""
    stranger = signing.account_of("13800000001")
    person = come(stranger, "钱多多", NEW)
    Person.objects.everywhere(reason=WHY).filter(pk=person.pk).update(phone_index=phone_index("13900000002"))
    assert person_of(stranger) is None
    owner = signing.account_of("13900000002")
    assert come(owner, "钱多多", NEW).pk == person.pk
    assert person_of(owner) == Person.objects.everywhere(reason=WHY).get(pk=person.pk)
    assert person_of(Account.objects.get(pk=stranger.pk)) is None


def test_a_person_linked_elsewhere_stays_there(world: World) -> None:
    """The register's phone equals mine, and the present link holds too (two accounts cannot carry one phone)."""
    desk = world.accounts["chair_alpha"]
    person = world.people["alpha_2"]
    person.account = desk
    person.save(update_fields=["account"])
    with pytest.raises(Refused, match="另一个账号"):
        come(of_phone(world, "alpha_2"), "欧阳娜", document_of("alpha_2"))


def test_a_desk_account_without_phone_cannot_claim(world: World) -> None:
    with pytest.raises(Refused, match="手机验证码"):
        come(world.accounts["chair_beta"], "钱多多", NEW)


@pytest.mark.parametrize(("name", "number"), [("钱", NEW), ("钱多多", NEW[:-1] + "A"), ("钱多多", "110101")])
def test_mistakes_are_explained(world: World, name: str, number: str) -> None:
    with pytest.raises(Refused):
        come(signing.account_of("13800000001"), name, number)


# Pages ---------------------------------------------------------------------------------------------------------


def answers(**changes: str) -> dict[str, str]:
    return {
        "name": "钱多多",
        "id_type": "01",
        "id_number": NEW,
        "membership": "on",
        "identity": "on",
    } | changes


def test_the_page_asks_both_consents_separately_and_unticked(world: World, client: Client) -> None:
    client.force_login(signing.account_of("13800000001"))
    page = client.get("/m/identity/").content.decode()
    assert "checked" not in page
    for left_out in ("membership", "identity"):
        given = answers()
        del given[left_out]
        assert client.post("/m/identity/", given).status_code == 422
    assert not Person.objects.everywhere(reason=WHY).filter(name="钱多多").exists()
    assert client.post("/m/identity/", answers()).status_code == 302
    person = Person.objects.everywhere(reason=WHY).get(name="钱多多")
    assert set(consents.in_force(person)) == {"membership", "identity"}


def test_trying_documents_is_limited(world: World, client: Client) -> None:
    client.force_login(signing.account_of("13800000001"))
    for _ in range(8):
        client.post("/m/identity/", answers(name="赵六", id_number=document_of("alpha_2")))
    response = client.post("/m/identity/", answers())
    assert response.status_code == 422
    assert "次数太多" in response.content.decode()


def test_a_try_is_counted_before_it_is_judged(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many tries at once are all judged before any is over."""
    account = signing.account_of("13800000001")
    client.force_login(account)
    for _ in range(7):
        attempts.take(attempts.IDENTITY, str(account.pk))
    counted = []

    def judged(*_: Any, **__: Any) -> None:
        counted.append(attempts.waiting(attempts.IDENTITY, str(account.pk)))
        raise Refused("不一致")

    monkeypatch.setattr("unionhall.members.views.worker.identify", judged)
    client.post("/m/identity/", answers())
    assert counted != [None]
    client.post("/m/identity/", answers())
    assert len(counted) == 1


def test_consent_is_taken_back_and_given_again(world: World, client: Client) -> None:
    client.force_login(signing.account_of("13800000001"))
    client.post("/m/identity/", answers())
    assert "法定保存期" in client.get("/m/consents/identity/withdraw/").content.decode()
    client.post("/m/consents/identity/withdraw/")
    person = Person.objects.everywhere(reason=WHY).get(name="钱多多")
    assert [purpose.code for purpose in consents.missing(person)] == ["identity"]
    with pytest.raises(Refused, match="敏感"):
        consents.require(person)
    client.post("/m/consents/", {"purpose": "identity"})
    consents.require(person)
    assert Consent.objects.everywhere(reason=WHY).filter(person=person, purpose="identity").count() == 2


def test_nobody_consents_for_another(world: World) -> None:
    with pytest.raises(Refused):
        consents.give(world.actor("chair_alpha"), person=world.people["alpha_1"], purpose="identity")


def test_one_sees_ones_own_number_and_the_journal_knows(world: World, client: Client) -> None:
    from unionhall.records.models import JournalEntry

    client.force_login(world.accounts["worker_alpha"])
    assert document_of("alpha_1") not in client.get("/m/profile/").content.decode()
    page = client.post("/m/profile/reveal/id_number/", headers={"HX-Request": "true"})
    assert document_of("alpha_1") in page.content.decode()
    assert JournalEntry.objects.everywhere(reason=WHY).filter(action="members.reveal").count() == 1


def test_a_new_phone_is_proven_before_it_counts(world: World, client: Client, settings: object) -> None:
    from unionhall.access.tests.signing_in import code_sent_to, wrong

    settings.SMS_BACKEND = "demo"  # type: ignore[attr-defined]
    account = world.accounts["worker_alpha"]
    client.force_login(account)
    taken = world.people["beta_1"].phone
    assert taken is not None
    # Whether a phone has an account is told to its holder, not to whoever types it.
    assert client.post("/m/profile/phone/", {"phone": taken.reveal()}).status_code == 302
    refused = client.post("/m/profile/phone/code/", {"code": code_sent_to(taken.reveal())})
    assert "有自己的账号" in refused.content.decode()
    assert client.post("/m/profile/phone/", {"phone": "13800000009"})["Location"] == "/m/profile/phone/code/"
    code = code_sent_to("13800000009")
    assert client.post("/m/profile/phone/code/", {"code": wrong(code)}).status_code == 422
    account.refresh_from_db()
    assert account.phone_index != phone_index("13800000009")
    client.post("/m/profile/phone/code/", {"code": code})
    account.refresh_from_db()
    assert account.phone_index == phone_index("13800000009")
    assert person_of(account) is not None


def test_a_worker_puts_particulars_right(world: World, client: Client) -> None:
    client.force_login(world.accounts["worker_alpha"])
    page = client.get("/m/profile/edit/")
    initial = {
        name: value for name, value in page.context["form"].initial.items() if value not in (None, False)
    }
    response = client.post("/m/profile/edit/", initial | {"native_place": "湖北武汉", "name": "黑客"})
    assert response.status_code == 302
    person = Person.objects.everywhere(reason=WHY).get(pk=world.people["alpha_1"].pk)
    assert (person.native_place, person.name) == ("湖北武汉", "张海林")
