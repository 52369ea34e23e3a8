"""入会 from the first page to the card: rules, drafts, double submission, who reviews, what approval brings."""

import re
import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.world import World, ensure, resident_id
from unionhall.access import signing
from unionhall.access.grants import actor_for
from unionhall.access.models import Account, Grant
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.members import consents
from unionhall.members.identity import identify
from unionhall.members.models import Card, Employment, Membership, Person
from unionhall.organisations.models import Division, Employer, Organisation
from unionhall.organising.actions import admission as joining
from unionhall.organising.models import Admission
from unionhall.organising.procedures.admission import facts
from unionhall.records.models import Draft, Message
from unionhall.reviews.actions import approve, refuse, withdraw
from unionhall.reviews.models import Review, ReviewStep

pytestmark = pytest.mark.django_db
WHY = "test"
PHONE = "13800000001"
ADULT = resident_id(date(1990, 2, 3), "1", 40)


@pytest.fixture
def account(world: World) -> Account:
    return signing.account_of(PHONE)


@pytest.fixture
def newcomer(account: Account) -> Person:
    """Someone who has said who he is, with both consents."""
    return come(account)


def come(account: Account, number: str = ADULT, name: str = "钱多多") -> Person:
    actor = actor_for(account)
    person = identify(actor, account=account, name=name, id_type="01", id_number=number)
    for purpose in consents.PURPOSES:
        consents.give(actor, person=person, purpose=purpose)
    return person


def send(account: Account, person: Person, union: Organisation, **extra: Any) -> Admission:
    return joining.apply(actor_for(account), person=person, organisation=union, occupation="快递员", **extra)


def step_of(review: Review) -> ReviewStep:
    return ReviewStep.objects.everywhere(reason=WHY).get(review=review, is_current=True)


def test_the_answer_has_a_number_a_reviewer_and_a_day(
    world: World, account: Account, newcomer: Person
) -> None:
    admission = send(account, newcomer, world.unions["alpha"])
    step = step_of(admission.review)
    assert re.fullmatch(r"RH\d{13}", admission.review.number)
    assert (step.organisation, step.role) == (world.unions["alpha"], "chair")
    assert step.due_on == working_calendar().add_working_days(timezone.localdate(), 5)


def test_approval_makes_a_member_with_number_card_and_employment(
    world: World, account: Account, newcomer: Person
) -> None:
    employer = world.employers["alpha"]
    admission = send(
        account, newcomer, world.unions["alpha"], employer=employer, form="5", migrant_worker=True
    )
    approve(world.actor("chair_alpha"), step=step_of(admission.review))
    newcomer.refresh_from_db()
    membership = Membership.objects.everywhere(reason=WHY).get(person=newcomer)
    assert (membership.organisation, membership.standing) == (world.unions["alpha"], "active")
    assert newcomer.member_number
    assert newcomer.migrant_worker
    assert Card.objects.everywhere(reason=WHY).filter(person=newcomer, status="active").count() == 1
    work = Employment.objects.everywhere(reason=WHY).get(person=newcomer)
    assert (work.employer, work.form, work.occupation) == (employer, "5", "快递员")
    titles = Message.objects.everywhere(reason=WHY).filter(recipient_id=account.pk)
    assert "您已成为工会会员" in titles.values_list("title", flat=True)


def test_a_refusal_gives_the_reason_and_what_next(world: World, account: Account, newcomer: Person) -> None:
    admission = send(account, newcomer, world.unions["alpha"])
    refuse(world.actor("chair_alpha"), step=step_of(admission.review), opinion="不在本单位工作")
    letters = Message.objects.everywhere(reason=WHY).filter(recipient_id=account.pk)
    text = "".join(letters.values_list("body", flat=True))
    assert "不在本单位工作" in text
    assert "重新申请" in text
    assert not Membership.objects.everywhere(reason=WHY).filter(person=newcomer).exists()
    assert send(account, newcomer, world.unions["beta"]).pk != admission.pk


def test_nobody_applies_twice(world: World, account: Account, newcomer: Person) -> None:
    first = send(account, newcomer, world.unions["alpha"])
    with pytest.raises(Refused, match=first.review.number):
        send(account, newcomer, world.unions["beta"])
    withdraw(actor_for(account), review=first.review, reason="填错单位")
    send(account, newcomer, world.unions["beta"])


def test_a_member_is_sent_to_transfer(world: World) -> None:
    account, person = world.accounts["worker_alpha"], world.people["alpha_1"]
    with pytest.raises(Refused, match="转接"):
        send(account, person, world.unions["beta"])


def test_who_became_a_member_meanwhile_is_not_admitted_again(
    world: World, account: Account, newcomer: Person
) -> None:
    admission = send(account, newcomer, world.unions["alpha"])
    beta = world.unions["beta"]
    today = timezone.localdate()
    Membership.objects.create(
        person=newcomer,
        organisation=beta,
        path=beta.path,
        name=newcomer.name,
        period=(today, None),
        joined_on=today,
        entry="intake",
    )
    with pytest.raises(Refused, match="转接"):
        approve(world.actor("chair_alpha"), step=step_of(admission.review))


@pytest.mark.parametrize(("days", "may"), [(0, True), (1, False)])
def test_sixteen_on_the_day(world: World, account: Account, days: int, may: bool) -> None:
    today = timezone.localdate()
    born = date(today.year - 16, today.month, today.day) + timedelta(days=days)
    person = come(account, resident_id(born, "1", 40))
    if may:
        send(account, person, world.unions["alpha"])
    else:
        with pytest.raises(Refused, match="16"):
            send(account, person, world.unions["alpha"])


def test_a_consent_taken_back_stops_new_applications(
    world: World, account: Account, newcomer: Person
) -> None:
    consents.withdraw(actor_for(account), person=newcomer, purpose="membership")
    with pytest.raises(Refused, match="授权"):
        send(account, newcomer, world.unions["alpha"])


@pytest.mark.parametrize(
    ("union", "local", "reason"),
    [("east", False, "不接收会员"), ("alpha", True, "单位没有建会"), ("province", True, "不接收会员")],
)
def test_unions_that_take_in_nobody(
    world: World, account: Account, newcomer: Person, union: str, local: bool, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        send(account, newcomer, world.unions[union], through_local_union=local)


def test_a_union_without_a_chair_is_reviewed_above(world: World, account: Account, newcomer: Person) -> None:
    Grant.objects.everywhere(reason=WHY).filter(organisation=world.unions["beta"]).delete()
    step = step_of(send(account, newcomer, world.unions["beta"]).review)
    assert (step.organisation, step.role) == (world.unions["pier"], "officer")
    approve(world.actor("pier_officer"), step=step)
    assert Membership.objects.everywhere(reason=WHY).get(person=newcomer).organisation == world.unions["beta"]


def test_a_stranger_applies_for_nobody(world: World, account: Account, newcomer: Person) -> None:
    with pytest.raises(NotAllowed):
        joining.apply(
            world.actor("worker_beta"), person=newcomer, organisation=world.unions["alpha"], occupation="x"
        )


def test_the_reviewer_sees_masked_numbers(world: World, account: Account, newcomer: Person) -> None:
    shown = dict(facts(send(account, newcomer, world.unions["alpha"]).review))
    assert shown["申请人"] == "钱多多"
    assert ADULT not in str(shown)
    assert PHONE not in str(shown)


# Pages ---------------------------------------------------------------------------------------------------------


def agree(client: Client) -> Any:
    return client.post("/m/join/consent/", {"constitution": "on", "membership": "on", "identity": "on"})


def say_who(client: Client) -> Any:
    return client.post("/m/join/identity/", {"name": "钱多多", "id_type": "01", "id_number": ADULT})


JOB = {"work_unit": "安达", "occupation": "快递员", "form": "5", "migrant_worker": "yes"}


def test_the_whole_way_through_an_employer(world: World, client: Client, account: Account) -> None:
    client.force_login(account)
    assert client.get("/m/join/job/")["Location"] == "/m/join/consent/"
    assert "checked" not in client.get("/m/join/consent/").content.decode()
    assert client.post("/m/join/consent/", {"constitution": "on", "membership": "on"}).status_code == 422
    assert agree(client)["Location"] == "/m/join/identity/"
    assert say_who(client)["Location"] == "/m/join/employer/"
    page = client.get("/m/join/employer/", {"q": "安达"}).content.decode()
    employer = world.employers["alpha"]
    assert world.unions["alpha"].name in page
    assert (
        client.post("/m/join/employer/", {"q": "安达", "employer": employer.pk})["Location"] == "/m/join/job/"
    )
    assert client.post("/m/join/job/", JOB)["Location"] == "/m/join/check/"
    check = client.get("/m/join/check/").content.decode()
    assert check.count("修改") >= 5
    assert ADULT not in check
    done = client.post("/m/join/check/")["Location"]
    admission = Admission.objects.everywhere(reason=WHY).get(person__name="钱多多")
    assert done == f"/m/join/done/{admission.review.number}/"
    shown = client.get(done).content.decode()
    for wanted in (admission.review.number, world.unions["alpha"].name, "5 个工作日"):
        assert wanted in shown
    assert admission.review.number in client.get(f"{done}print/").content.decode()
    assert (admission.employer, admission.form, admission.migrant_worker) == (employer, "5", True)
    assert not Draft.objects.everywhere(reason=WHY).filter(account_id=account.pk).exists()


def test_the_button_pressed_twice_makes_one_application(
    world: World, client: Client, account: Account
) -> None:
    client.force_login(account)
    agree(client)
    say_who(client)
    client.post("/m/join/employer/", {"q": "安达", "employer": world.employers["alpha"].pk})
    client.post("/m/join/job/", JOB)
    client.post("/m/join/check/")
    assert client.post("/m/join/check/")["Location"] == "/m/join/"
    assert Admission.objects.everywhere(reason=WHY).filter(person__name="钱多多").count() == 1
    assert "编号" in client.get("/m/join/").content.decode()


def test_the_draft_survives_signing_out_and_stands_sealed(
    world: World, client: Client, account: Account
) -> None:
    client.force_login(account)
    agree(client)
    say_who(client)
    client.post("/m/join/employer/", {"q": "安达", "employer": world.employers["alpha"].pk})
    client.post("/m/join/job/", JOB | {"occupation": "分拣员工"})
    client.logout()
    row = Draft.objects.everywhere(reason=WHY).get(account_id=account.pk, form="admission")
    assert "分拣员工".encode() not in row.answers.blob
    again = Client()
    again.force_login(account)
    assert "接着填" in again.get("/m/join/").content.decode()
    assert "分拣员工" in again.get("/m/join/check/").content.decode()


def test_no_other_account_sees_the_draft(world: World, client: Client, account: Account) -> None:
    joining.keep_draft(account.pk, occupation="分拣员工", constitution=True)
    client.force_login(world.accounts["worker_outside"])
    assert "分拣员工" not in client.get("/m/join/job/", follow=True).content.decode()


def test_platform_work_leads_to_the_local_union(world: World, client: Client, account: Account) -> None:
    for code, name, above, level in (
        ("420000", "鄂北省", "", 1),
        ("420100", "江城市", "420000", 2),
        ("420103", "江东区", "420100", 3),
        ("420103001", "码头街道", "420103", 4),
    ):
        Division.objects.update_or_create(
            code=code, defaults={"name": name, "parent_code": above, "level": level}
        )
    client.force_login(account)
    agree(client)
    say_who(client)
    assert client.post("/m/join/employer/", {"employer": "platform"})["Location"] == "/m/join/local/"
    page = client.get("/m/join/local/?division=420103").content.decode()
    assert "码头街道" in page
    pier = world.unions["pier"]
    assert (
        client.post(
            "/m/join/local/?division=420103001", {"organisation": world.unions["alpha"].pk}
        ).status_code
        == 422
    )
    client.post("/m/join/local/?division=420103001", {"organisation": pier.pk})
    assert client.get("/m/join/job/").context["form"].initial["form"] == "5"
    client.post("/m/join/job/", JOB)
    client.post("/m/join/check/")
    admission = Admission.objects.everywhere(reason=WHY).get(person__name="钱多多")
    assert (admission.organisation, admission.through_local_union) == (pier, True)


def test_an_employer_without_union_leads_to_the_nearest_local_union(
    world: World, client: Client, account: Account
) -> None:
    shop = Employer.objects.create(name="江城没建会小店", division="420103001")
    client.force_login(account)
    agree(client)
    say_who(client)
    client.post("/m/join/employer/", {"q": "没建会", "employer": shop.pk})
    assert world.unions["pier"].name in client.get("/m/join/local/").content.decode()


def test_a_known_member_is_told_so(world: World, client: Client) -> None:
    client.force_login(world.accounts["worker_alpha"])
    page = client.get("/m/join/").content.decode()
    assert "已经是工会会员" in page
    assert client.get("/m/join/check/")["Location"] == "/m/join/"


def test_the_answer_is_for_the_applicant_only(
    world: World, client: Client, account: Account, newcomer: Person
) -> None:
    number = send(account, newcomer, world.unions["alpha"]).review.number
    client.force_login(world.accounts["worker_beta"])
    assert client.get(f"/m/join/done/{number}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_submissions_at_once_make_one_application() -> None:
    world = ensure()
    account = signing.account_of(PHONE)
    person = come(account)
    outcomes: list[str] = []
    barrier = threading.Barrier(2)

    def press() -> None:
        barrier.wait()
        try:
            send(account, person, world.unions["alpha"])
            outcomes.append("sent")
        except Refused:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "sent"]


def test_too_young_is_told_where_the_document_is_asked(
    world: World, client: Client, account: Account
) -> None:
    client.force_login(account)
    agree(client)
    number = resident_id(timezone.localdate() - timedelta(days=15 * 365), "1", 31)
    told = client.post("/m/join/identity/", {"name": "钱多多", "id_type": "01", "id_number": number})
    assert told.status_code == 422
    assert "未满 16 周岁" in told.content.decode()
    assert not Person.objects.everywhere(reason="test").filter(account_id=account.pk).exists()
