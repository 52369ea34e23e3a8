"""The worker's pages for transfer, withdrawal and retention."""

import pytest
from django.test import Client

from tests.world import World
from unionhall.members import consents
from unionhall.members.models import Employment, Membership
from unionhall.organising.actions.transfers import request_transfer
from unionhall.organising.models import MembershipTransfer, StandingChange
from unionhall.reviews.actions import approve
from unionhall.reviews.models import Review, ReviewStep

pytestmark = pytest.mark.django_db
WHY = "test"


@pytest.fixture
def phone(world: World, client: Client) -> Client:
    client.force_login(world.accounts["worker_alpha"])
    for purpose in consents.PURPOSES:
        consents.give(world.actor("worker_alpha"), person=world.people["alpha_1"], purpose=purpose)
    return client


def test_a_transfer_is_asked_for_and_answered_with_a_number(world: World, phone: Client) -> None:
    beta = world.unions["beta"]
    page = phone.get("/m/transfer/", {"q": "博远"}).content.decode()
    assert beta.name in page
    response = phone.post("/m/transfer/", {"q": "博远", "destination": beta.pk, "reason": "换了工作单位"})
    transfer = MembershipTransfer.objects.everywhere(reason=WHY).get(person=world.people["alpha_1"])
    assert response["Location"] == f"/m/submitted/{transfer.review.number}/"
    shown = phone.get(response["Location"]).content.decode()
    assert transfer.review.number in shown
    assert world.unions["alpha"].name in shown
    assert transfer.person_agreed_at is not None


def test_a_union_that_was_not_found_cannot_be_chosen(world: World, phone: Client) -> None:
    data = {"q": "博远", "destination": world.unions["gamma"].pk, "reason": "换了工作单位"}
    assert phone.post("/m/transfer/", data).status_code == 422


def test_a_transfer_needs_the_consents(world: World, phone: Client) -> None:
    consents.withdraw(world.actor("worker_alpha"), person=world.people["alpha_1"], purpose="identity")
    data = {"q": "博远", "destination": world.unions["beta"].pk, "reason": "换了工作单位"}
    assert phone.post("/m/transfer/", data).status_code == 422


@pytest.mark.parametrize(("answer", "state"), [("agree", "pending"), ("decline", "withdrawn")])
def test_a_transfer_that_a_union_started_is_answered(
    world: World, phone: Client, answer: str, state: str
) -> None:
    transfer = request_transfer(
        world.actor("chair_beta"),
        membership=world.memberships["alpha_1"],
        destination=world.unions["beta"],
        reason="到本单位工作",
    )
    assert "同意转接" in phone.get(f"/m/transfers/{transfer.pk}/").content.decode()
    phone.post(f"/m/transfers/{transfer.pk}/", {answer: "1"})
    transfer.refresh_from_db()
    assert (transfer.person_agreed_at is not None) == (answer == "agree")
    assert Review.objects.everywhere(reason=WHY).get(pk=transfer.review_id).state == state


def test_withdrawal_is_decided_by_the_union(world: World, phone: Client) -> None:
    assert phone.post("/m/withdraw/", {"reason": ""}).status_code == 422
    number = phone.post("/m/withdraw/", {"reason": "个人原因"})["Location"].split("/")[-2]
    change = StandingChange.objects.everywhere(reason=WHY).get(review__number=number)
    step = ReviewStep.objects.everywhere(reason=WHY).get(review=change.review, is_current=True)
    approve(world.actor("chair_alpha"), step=step)
    assert (
        not Membership.objects.everywhere(reason=WHY)
        .current()
        .filter(person=world.people["alpha_1"])
        .exists()
    )
    assert phone.get("/m/withdraw/")["Location"] == "/m/join/"


def test_the_retired_keep_their_membership(world: World, phone: Client) -> None:
    response = phone.post("/m/retain/", {"status": "4"})
    number = response["Location"].split("/")[-2]
    change = StandingChange.objects.everywhere(reason=WHY).get(review__number=number)
    assert change.change == "retention"
    work = Employment.objects.everywhere(reason=WHY).get(
        person=world.people["alpha_1"], period__upper_inf=True
    )
    assert work.status == "4"


@pytest.mark.parametrize("path", ["/m/transfer/", "/m/withdraw/", "/m/retain/"])
def test_who_is_no_member_is_led_to_joining(world: World, client: Client, path: str) -> None:
    client.force_login(world.accounts["worker_outside"])
    assert client.get(path)["Location"] == "/m/join/"
