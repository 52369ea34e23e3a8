"""Whoever comes is found or registered, served in his own name, and every act says for whom it was done."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World, phone_of, resident_id
from unionhall.access.grants import actor_for
from unionhall.access.models import Grant
from unionhall.access.signing import account_of
from unionhall.cases.models import Case
from unionhall.members import consents
from unionhall.members.cards import current_code
from unionhall.members.identity import identify
from unionhall.members.models import Card, DeskIdentity, Person
from unionhall.organising.models import Admission, MembershipTransfer
from unionhall.portal import own_window
from unionhall.records.models import JournalEntry
from unionhall.reviews import actions as reviewing
from unionhall.reviews.models import Review, ReviewStep
from unionhall.window.actions import intakes, receptions
from unionhall.window.matters import matter
from unionhall.window.models import Authorisation, HandOver, Intake, Reception

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
WHY = "test"
BORN = date(1999, 6, 18)


def send(
    client: Client, name: str, given: Mapping[str, Any], *args: Any, status: int = 302, query: str = ""
) -> str:
    answer = client.post(reverse(name, args=args) + query, given)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return str(answer.headers.get("Location", "")) or answer.content.decode()


def page(client: Client, name: str, *args: Any, status: int = 200, query: str = "") -> str:
    answer = client.get(reverse(name, args=args) + query)
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer.content.decode()


def last() -> Reception:
    found = Reception.objects.everywhere(reason=WHY).select_related("person").order_by("-pk").first()
    assert found is not None
    return found


def identity(person: Person) -> str:
    return str(person.id_number.reveal())


def test_found_by_any_number_wherever_he_stands(world: World, signed_in: SignIn) -> None:
    client = signed_in("clerk")
    delta = world.people["delta_1"]  # far from the clerk's street
    card = Card.objects.everywhere(reason=WHY).get(person=world.people["alpha_1"])
    for text, person in (
        (identity(delta), delta),
        (phone_of(1), world.people["alpha_1"]),
        (str(world.people["beta_1"].member_number), world.people["beta_1"]),
        (card.number, world.people["alpha_1"]),
        (current_code(card), world.people["alpha_1"]),
        (f"http://localhost:8000/verify/{current_code(card)}", world.people["alpha_1"]),
    ):
        assert send(client, "window_find", {"q": text}) == reverse("window_reception", args=[last().pk])
        assert last().person == person
        assert person.name in page(client, "window_reception", last().pk)
    assert Reception.objects.everywhere(reason=WHY).filter(closed_at=None).count() == 1  # one at a time
    found = JournalEntry.objects.everywhere(reason=WHY).filter(action="members.find")
    assert found.filter(detail__at="window").count() == 6
    assert not any(identity(delta) in str(entry.detail) + entry.subject_label for entry in found)


def test_found_by_name_only_in_scope(world: World, signed_in: SignIn) -> None:
    client = signed_in("clerk")
    shown = send(client, "window_find", {"q": "张海"}, status=200)
    assert "张海林" in shown
    assert "张海燕" in shown
    assert "没有这个姓名" in send(client, "window_find", {"q": "买买提·艾力"}, status=200)
    token = shown.split('name="token" value="')[1].split('"')[0]
    assert "/window/r/" in send(client, "window_receive", {"token": token})
    other = signed_in("officer_alpha")
    assert send(other, "window_receive", {"token": token}) == reverse("window_home")  # sealed for the clerk


def test_look_ups_are_counted(world: World, signed_in: SignIn, settings: Any) -> None:
    settings.LOOKUPS_HOURLY = 1
    client = signed_in("clerk")
    send(client, "window_find", {"q": phone_of(1)})
    assert send(client, "window_find", {"q": phone_of(2)}) == reverse("window_home")
    assert "超过 1 次" in page(client, "window_home")


def test_an_unknown_phone_is_no_unregistered_document(world: World, signed_in: SignIn) -> None:
    client = signed_in("clerk")
    unknown = {
        phone_of(999): "没有登记过这个号码",
        resident_id(BORN, "1", 77): "这个证件号还没有登记",
    }
    for number, told in unknown.items():
        found = send(client, "window_find", {"q": number}, status=200)
        assert [one for one in unknown.values() if one in found] == [told]


def test_a_reception_is_the_clerks_alone(world: World, signed_in: SignIn) -> None:
    there = receptions.receive(world.actor("clerk"), person=world.people["alpha_1"], found_by="name")
    page(signed_in("pier_officer"), "window_reception", there.pk, status=404)
    Reception.objects.everywhere(reason=WHY).update(opened_at=timezone.now() - timedelta(days=1))
    client = signed_in("clerk")
    assert "已经结束" in page(client, "window_reception", there.pk)
    send(client, "window_take", {}, there.pk, "transfer")
    assert "已经结束" in page(client, "window_home") + page(client, "window_reception", there.pk)


def test_what_is_over_tells_nothing_of_him_any_more(world: World, signed_in: SignIn) -> None:
    client = signed_in("clerk")
    there, intake = _joined(world, client)
    name, number = there.person.name, intake.review.number  # type: ignore[union-attr]
    paper = SimpleUploadedFile("委托书.pdf", b"%PDF-1.4\n%%EOF")
    agent = {
        "name": "李四", "id_number": resident_id(BORN, "1", 55), "relation": "spouse",
        "until": f"{timezone.localdate() + timedelta(days=30):%Y-%m-%d}", "paper": paper,
    }  # fmt: skip
    send(client, "window_authorise", agent, there.pk)
    here = page(client, "window_reception", there.pk)
    assert _words(here, name, number, "李四") == [name, number, "李四"]
    reviewing.return_for_completion(world.actor("chair_beta"), step=_step(intake), opinion="补劳动合同")
    page(client, "window_complete", there.pk, number)
    page(client, "window_authorise", there.pk)
    send(client, "window_close", {}, there.pk)
    over = page(client, "window_reception", there.pk)
    assert there.person.masked_name in over
    assert "已经结束" in over
    assert reverse("window_home") in over
    assert (
        _words(over, name, number, "李四", there.person.masked_id, world.unions["beta"].name, "需补正") == []
    )
    back = reverse("window_reception", args=[there.pk])
    for sub, *more in (
        ("window_complete", number), ("window_hand_over", intake.pk), ("window_take", "appeal"),
        ("window_authorise",), ("window_paper",), ("window_act_by",), ("window_close",),
    ):  # fmt: skip
        address = reverse(sub, args=[there.pk, *more])
        for answer in (client.get(address), client.post(address, {})):
            assert (answer.status_code, answer.headers.get("Location")) == (302, back), sub
    assert "重新查找来访人" in page(client, "window_reception", there.pk)
    assert not JournalEntry.objects.everywhere(reason=WHY).filter(action="window.paper_opened").exists()


def _words(shown: str, *words: str) -> list[str]:
    return [word for word in words if word in shown]


def test_nobody_serves_himself(world: World, signed_in: SignIn) -> None:
    DeskIdentity.objects.create(account=world.accounts["clerk"], person=world.people["alpha_1"], named_by="x")
    client = signed_in("clerk")
    assert send(client, "window_find", {"q": phone_of(1)}) == reverse("window_home")
    assert "您本人" in page(client, "window_home")


def test_registered_then_joins(world: World, signed_in: SignIn) -> None:
    client = signed_in("clerk")
    number = resident_id(BORN, "2", 77)
    assert number in send(
        client, "window_find", {"q": number}, status=200
    )  # its own form, nothing typed twice
    given = {"id_type": "01", "id_number": number, "name": "何小满", "phone": "13900001111"}
    assert "本人不同意" in send(client, "window_register", given, status=422)
    send(client, "window_register", given | {"agreed": "on"})
    there = last()
    assert set(consents.in_force(there.person)) == {"membership", "identity"}
    wanted = {"union": "博远电子", "occupation": "装配工", "form": "1"}
    receipt = send(client, "window_take", wanted, there.pk, "join")
    made = Admission.objects.everywhere(reason=WHY).select_related("review").get(person=there.person)
    assert made.organisation == world.unions["beta"]
    shown = page(client, "window_receipt", receipt.rstrip("/").rsplit("/", 1)[-1])
    assert made.review.number in shown
    assert "基层工会" in shown
    assert "<svg" in shown
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="organising.apply_admission")
    assert entry.actor_id == world.accounts["clerk"].pk
    assert entry.detail["in_place_of"] == there.person_id
    assert "<svg" in page(
        client, "window_receipt", Intake.objects.everywhere(reason=WHY).get().number, query="?paper=slip"
    )
    assert "已在办理" not in page(client, "window_reception", there.pk)
    assert made.review.number in page(client, "window_reception", there.pk)


def test_several_unions_are_offered(world: World, signed_in: SignIn) -> None:
    client = signed_in("clerk")
    there = receptions.receive(world.actor("clerk"), person=world.people["outsider"], found_by="document")
    wanted = {
        "union": "江城",
        "occupation": "工",
        "form": "1",
        "agree_membership": "on",
        "agree_identity": "on",
    }
    shown = send(client, "window_take", wanted, there.pk, "join", status=422)
    assert "个名称相近" in shown
    assert world.unions["alpha"].code in shown
    send(client, "window_take", wanted | {"union_code": world.unions["alpha"].code}, there.pk, "join")
    assert Admission.objects.everywhere(reason=WHY).get().organisation == world.unions["alpha"]


def test_transfer_counts_as_agreed_on_paper(world: World, signed_in: SignIn) -> None:
    there = receptions.receive(world.actor("clerk"), person=world.people["alpha_1"], found_by="document")
    given = {"union": world.unions["beta"].code, "reason": "换了工作单位"}
    send(
        signed_in("clerk"),
        "window_take",
        given | {"agree_membership": "on", "agree_identity": "on"},
        there.pk,
        "transfer",
    )
    made = MembershipTransfer.objects.everywhere(reason=WHY).get()
    assert made.agreed_by == MembershipTransfer.AgreedBy.PAPER
    assert made.person_agreed_at is not None


def test_what_is_missing_is_told_once_and_taken_up_again(world: World, signed_in: SignIn) -> None:
    client = signed_in("clerk")
    there = receptions.receive(world.actor("clerk"), person=world.people["outsider"], found_by="document")
    one = intakes.tell_missing(
        world.actor("clerk"),
        reception=there,
        one=matter("join"),
        lacking=["劳动合同"],
        words="居住证\n一寸照片",
    )
    shown = page(client, "window_receipt", one.number)
    assert "一次性告知单" in shown
    assert "一寸照片" in shown
    assert not Review.objects.everywhere(reason=WHY).exists()  # nothing is filed, no clock runs
    assert "补齐了" in page(client, "window_reception", there.pk)
    wanted = {
        "union": "博远电子",
        "occupation": "工",
        "form": "1",
        "agree_membership": "on",
        "agree_identity": "on",
    }
    send(client, "window_take", wanted, there.pk, "join", query=f"?intake={one.number}")
    done = Intake.objects.everywhere(reason=WHY).get()
    assert (done.pk, done.state, done.missing) == (one.pk, "filed", [])


def _joined(world: World, client: Client) -> tuple[Reception, Intake]:
    there = receptions.receive(world.actor("clerk"), person=world.people["outsider"], found_by="document")
    wanted = {
        "union": "博远电子",
        "occupation": "工",
        "form": "1",
        "agree_membership": "on",
        "agree_identity": "on",
    }
    send(client, "window_take", wanted, there.pk, "join")
    return there, Intake.objects.everywhere(reason=WHY).select_related("review").get()


def _step(intake: Intake) -> ReviewStep:
    rows = ReviewStep.objects.everywhere(reason=WHY).select_related("organisation")
    return rows.get(review=intake.review_id, is_current=True)


def test_completed_at_another_window(world: World, signed_in: SignIn) -> None:
    _, intake = _joined(world, signed_in("clerk"))
    reviewing.return_for_completion(world.actor("chair_beta"), step=_step(intake), opinion="补劳动合同")
    shown = page(signed_in("clerk"), "window_receipt", intake.number)
    assert "一次性告知" in shown
    assert "补劳动合同" in shown
    assert "不计时" in shown
    assert intake.review is not None
    officer = signed_in("river_officer")  # a window elsewhere, another clerk
    there = receptions.receive(world.actor("river_officer"), person=intake.person, found_by="document")
    scan = SimpleUploadedFile("合同.pdf", b"%PDF-1.4\n%%EOF")
    send(officer, "window_complete", {"note": "交来劳动合同", "scan": scan}, there.pk, intake.review.number)
    intake.review.refresh_from_db(from_queryset=Review.objects.everywhere(reason=WHY))
    assert intake.review.state == Review.State.PENDING
    event = intake.review.events.select_related("attachment").get(verb="supplemented")
    own = reverse("m_application_file", args=[intake.review.number, event.pk])
    clerk = signed_in("clerk")  # who took the matter follows it, while he serves
    assert clerk.get(own).status_code == 200
    assert officer.get(reverse("desk_attachment", args=[event.attachment_id])).status_code == 404
    Grant.objects.everywhere(reason=WHY).filter(account=world.accounts["clerk"]).delete()
    assert own not in page(clerk, "m_application", intake.review.number)
    assert clerk.get(own).status_code == 404
    officer = signed_in("river_officer")
    page(officer, "window_complete", there.pk, intake.review.number, status=404)  # not a second time


def test_fetched_by_himself_or_whom_he_authorised(world: World, signed_in: SignIn) -> None:
    client = signed_in("clerk")
    there, intake = _joined(world, client)
    page(client, "window_hand_over", there.pk, intake.pk, status=404)  # nothing is granted yet
    reviewing.approve(world.actor("chair_beta"), step=_step(intake), opinion="同意")
    given = {"what": "会员证", "relation": "spouse", "name": "李四", "confirmed": "on"}
    assert "先登记代办授权" in send(client, "window_hand_over", given, there.pk, intake.pk, status=422)
    paper = SimpleUploadedFile("委托书.pdf", b"%PDF-1.4\n%%EOF")
    agent = {
        "name": "李四", "id_number": resident_id(BORN, "1", 55), "relation": "spouse",
        "until": f"{timezone.localdate() + timedelta(days=30):%Y-%m-%d}", "paper": paper,
    }  # fmt: skip
    send(client, "window_authorise", agent, there.pk)
    assert "李四" in page(client, "window_reception", there.pk)
    assert client.get(reverse("window_paper", args=[there.pk])).has_header("Content-Disposition")
    assert "请上传签收单" in send(
        client, "window_hand_over", given | {"confirmed": ""}, there.pk, intake.pk, status=422
    )
    send(client, "window_hand_over", given, there.pk, intake.pk)
    done = HandOver.objects.everywhere(reason=WHY).get()
    assert (done.name, done.relation) == ("李四", "spouse")
    assert done.authorisation is not None
    page(client, "window_hand_over", there.pk, intake.pk, status=404)
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="window.handed_over")
    assert entry.subject_id == there.person_id


def test_an_ended_authorisation_acts_no_more(world: World, signed_in: SignIn) -> None:
    client = signed_in("clerk")
    there, _ = _joined(world, client)
    paper = SimpleUploadedFile("委托书.pdf", b"%PDF-1.4\n%%EOF")
    agent = {
        "name": "李四", "id_number": resident_id(BORN, "1", 55), "relation": "spouse",
        "until": f"{timezone.localdate():%Y-%m-%d}", "paper": paper,
    }  # fmt: skip
    send(client, "window_authorise", agent, there.pk)
    Authorisation.objects.everywhere(reason=WHY).update(until=timezone.localdate() - timedelta(days=1))
    answer = send(client, "window_take", {"service": "1"}, there.pk, "voucher", status=302)
    assert answer.endswith(f"/r/{there.pk}/")
    with pytest.raises(Exception, match="代办授权已经终止或到期"):
        receptions.in_place_of(world.actor("clerk"), there)


def test_only_who_is_received_is_spoken_for(world: World) -> None:
    actor = world.actor("clerk")
    there = receptions.receive(actor, person=world.people["outsider"], found_by="document")
    standing = receptions.in_place_of(actor, there)
    outsider, other = world.people["outsider"], world.people["alpha_1"]
    assert standing.speaks_for(outsider.pk, outsider.account_id)
    assert not standing.speaks_for(other.pk, other.account_id)
    receptions.close(actor, reception=there)
    with pytest.raises(Exception, match="已经结束"):
        receptions.in_place_of(actor, there)


def test_pages_cost_no_more_with_more_rows(
    world: World, signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client, clerk = signed_in("clerk"), world.actor("clerk")
    there = receptions.receive(clerk, person=world.people["alpha_1"], found_by="document")
    costs = []
    for rows in (1, 3):
        while Intake.objects.everywhere(reason=WHY).count() < rows:
            intakes.tell_missing(clerk, reception=there, one=matter("join"), lacking=["劳动合同"])
        for address in (reverse("window_home"), reverse("window_reception", args=[there.pk])):
            with django_assert_max_num_queries(40) as counted:
                assert client.get(address).status_code == 200
            costs.append(len(counted.captured_queries))
    assert costs[:2] == costs[2:], costs


def test_found_again_on_his_own_phone(world: World, signed_in: SignIn) -> None:
    """Served before he had an account: when he signs in by phone later, the matter is among his own."""
    client = signed_in("clerk")
    number = resident_id(BORN, "2", 77)
    given = {"id_type": "01", "id_number": number, "name": "何小满", "phone": "13900001111", "agreed": "on"}
    send(client, "window_register", given)
    wanted = {"union": "博远电子", "occupation": "装配工", "form": "1"}
    send(client, "window_take", wanted, last().pk, "join")
    send(client, "window_take", {"cause": "wage", "statement": "欠薪", "headcount": "1"}, last().pk, "appeal")
    account = account_of("13900001111")
    identify(actor_for(account), account=account, name="何小满", id_type="01", id_number=number)
    mine = actor_for(account).access
    intakes_of = Intake.objects.everywhere(reason=WHY).select_related("review", "case")
    (joining,) = [one.review for one in intakes_of if one.review]
    (appeal,) = [one.case for one in intakes_of if one.case]
    assert list(Review.objects.all().owned_by(mine)) == [joining]
    assert list(Case.objects.all().owned_by(mine)) == [appeal]
    person = Person.objects.everywhere(reason=WHY).get(account=account)
    assert own_window.gather(person)["窗口受理"][0]["受理编号"].startswith("SL")
