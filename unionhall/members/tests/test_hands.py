"""One person with a phone and a desk account is one actor; look-ups by number are counted."""

from datetime import date

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from tests.world import PEOPLE, World, resident_id
from unionhall.access.models import Grant
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role
from unionhall.members import hands
from unionhall.members.models import DeskIdentity
from unionhall.organising.actions.transfers import attest_agreement, request_transfer
from unionhall.records.models import JournalEntry
from unionhall.reviews.actions import approve, supplement, withdraw
from unionhall.reviews.models import Review, ReviewStep
from unionhall.reviews.presenting import why_not

pytestmark = pytest.mark.django_db
BACKEND = "unionhall.access.backends.DeskBackend"
WHY = "test"


def document(world: World, key: str) -> dict[str, str]:
    number = list(PEOPLE).index(key) + 1
    name, sex, birth, _ = PEOPLE[key]
    return {"id_type": "01", "id_number": resident_id(birth, sex, number), "name": name}


def admission(world: World) -> ReviewStep:
    """`worker_alpha` has asked to join; the chair of alpha decides."""
    from tests.architecture.samples import review

    found = review(world)
    return (
        ReviewStep.objects.everywhere(reason=WHY).select_related("organisation", "review").get(review=found)
    )


@pytest.fixture
def named(world: World) -> World:
    """The chair of alpha is the very worker."""
    DeskIdentity.objects.create(
        account=world.accounts["chair_alpha"], person=world.people["alpha_1"], named_by="test"
    )
    return world


def test_an_operator_names_the_holder_by_document(client: Client, world: World) -> None:
    account = world.accounts["chair_alpha"]
    client.force_login(world.accounts["operator"], backend=BACKEND)
    address = f"/desk/settings/accounts/{account.pk}/person/"
    wrong = document(world, "alpha_1") | {"name": "别人", "reason": "任命"}
    assert client.post(address, wrong).status_code == 422
    assert client.post(address, document(world, "alpha_1") | {"reason": "任命文件"}).status_code == 302
    found = hands.hands_of(account.pk)
    assert found.person_id == world.people["alpha_1"].pk
    assert found.accounts == {account.pk, world.accounts["worker_alpha"].pk}
    assert hands.hands_of(world.accounts["worker_alpha"].pk) == found
    entry = JournalEntry.objects.everywhere(reason=WHY).filter(action="members.name_desk").get()
    assert entry.subject_label == "账号 chair_alpha"


def test_nobody_decides_his_own_matter_under_another_account(named: World) -> None:
    step, chair = admission(named), named.actor("chair_alpha")
    with pytest.raises(Refused, match="涉及本人"):
        approve(chair, step=step)
    assert "涉及您本人" in (why_not(chair, step.review, step) or "")
    rows = ReviewStep.objects.everywhere(reason=WHY).waiting()
    held = [(named.unions["alpha"].pk, "chair")]
    assert not rows.for_deciders(held, hands.hands(chair.access).accounts)
    assert rows.for_deciders(held, {chair.account_id or 0})


def test_nor_when_he_never_signed_in_as_a_worker(named: World) -> None:
    """The matter was put in at the window, in the name of a person without an account."""
    step, person = admission(named), named.people["alpha_1"]
    person.account = None
    person.save(update_fields=["account"])
    Review.objects.everywhere(reason=WHY).filter(pk=step.review_id).update(
        concerns_id=None, submitted_by_id=named.accounts["clerk"].pk
    )
    with pytest.raises(Refused, match="涉及本人"):
        approve(named.actor("chair_alpha"), step=step)


def test_a_desk_account_acts_on_nobodys_own_behalf(named: World) -> None:
    """The tie was typed by an operator: it forbids and never allows."""
    chair = named.actor("chair_alpha")
    with pytest.raises(Refused, match="手机号登录"):
        request_transfer(
            chair,
            membership=named.memberships["alpha_1"],
            destination=named.unions["beta"],
            reason="换了单位",
        )
    transfer = request_transfer(
        named.actor("officer_alpha"),
        membership=named.memberships["alpha_1"],
        destination=named.unions["beta"],
        reason="换了单位",
    )
    with pytest.raises(Refused, match="手机端"):
        attest_agreement(chair, transfer=transfer, note="本人到场签字")


def test_a_former_officer_carries_no_matter_of_his_office(world: World) -> None:
    step = admission(world)
    officer = world.accounts["officer_alpha"]
    rows = Review.objects.everywhere(reason=WHY).filter(pk=step.review_id)
    rows.update(submitted_by_id=officer.pk, concerns_id=None)
    Grant.objects.everywhere(reason=WHY).filter(account=officer).update(
        period=DateRange(date(2020, 1, 1), timezone.localdate())
    )
    for act in (withdraw, supplement):
        given = {"reason": "不办了"} if act is withdraw else {}
        with pytest.raises(Refused, match="已没有授权"):
            act(world.actor("officer_alpha"), review=rows.get(), **given)  # type: ignore[arg-type]


def test_a_worker_still_withdraws_his_own(world: World) -> None:
    assert withdraw(world.actor("worker_alpha"), review=admission(world).review, reason="不办了")


def test_lookups_by_number_are_counted(client: Client, world: World, settings: Settings) -> None:
    settings.LOOKUPS_HOURLY = 3
    client.force_login(world.accounts["chair_beta"], backend=BACKEND)
    number = document(world, "beta_1")["id_number"]
    for _ in range(3):
        assert "found=" in client.post("/desk/members/find/", {"number": number})["Location"]
    assert "found=" not in client.post("/desk/members/find/", {"number": number})["Location"]
    told = client.get("/desk/members/").content.decode()
    assert "一小时内按号码查找已超过 3 次" in told
    # Every other page that takes a number is closed too, and one entry says so.
    post = client.post(f"/desk/orgs/{world.unions['beta'].code}/posts/new/", {"person": number})
    assert post.status_code == 429
    assert number in post.content.decode(), "what was typed is kept"
    entries = JournalEntry.objects.everywhere(reason=WHY).filter(action="access.many_lookups")
    assert entries.count() == 1
    client.force_login(world.accounts["chair_alpha"], backend=BACKEND)
    assert "found=" in client.post("/desk/members/find/", {"number": number})["Location"]


def test_whoever_explains_learns_of_no_grant_beyond_his_scope(client: Client, world: World) -> None:
    account = world.accounts["chair_alpha"]
    for union in ("delta", "province"):
        Grant.objects.create(
            account=account, role=Role.AUDITOR, organisation=world.unions[union], granted_by="test",
            period=("2020-01-01", None),
        )  # fmt: skip
    client.force_login(world.accounts["pier_officer"], backend=BACKEND)
    asked = {"account": "chair_alpha", "union": world.unions["beta"].code}
    page = client.post("/desk/settings/explain/", asked).content.decode()
    assert world.unions["delta"].name not in page
    assert world.unions["province"].name not in page
    assert "另有一项不在您查询范围内的授权" in page
