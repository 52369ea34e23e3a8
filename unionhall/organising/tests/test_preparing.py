"""A preparation that leads nowhere is ended, and its employer may found anew; one outlives its superior's merger."""

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from unionhall.access.models import Grant
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.organisations import actions as tree
from unionhall.organisations.models import Employer, Organisation
from unionhall.organising.actions import founding as founding_actions
from unionhall.organising.actions import reorganising
from unionhall.organising.actions.preparing import end_preparation
from unionhall.organising.models import Founding
from unionhall.organising.tests.test_founding import decide, file
from unionhall.records.models import JournalEntry, Message
from unionhall.reviews.procedures import procedure

pytestmark = pytest.mark.django_db
WHY = "a test reads the tables directly"
SignIn = Callable[[str], Client]


def employer() -> Employer:
    name = "江城顺风货运有限公司"
    return Employer.objects.get_or_create(name=name, division="420103001", employees=40, women=10)[0]


def applied(world: World, by: str = "worker_outside", industry: Organisation | None = None) -> Founding:
    own = by == "worker_outside"
    return founding_actions.apply_to_found(
        world.actor(by), superior=world.unions["pier"], name="江城顺风货运有限公司工会委员会", contact="周平",
        employer=employer(), expected_members=30, applicant=world.people["outsider"] if own else None,
        industry_parent=industry,
    )  # fmt: skip


def preparing(world: World, by: str = "worker_outside", industry: Organisation | None = None) -> Founding:
    found = applied(world, by, industry)
    decide(world, found.review)
    found.refresh_from_db()
    return found


def new_street(world: World) -> Organisation:
    return tree.establish(
        world.actor("province_officer"), name="新码头街道总工会", kind="street", level=4,
        parent=world.unions["east"], division="420103001", on=date(2024, 1, 1),
    )  # fmt: skip


def merge_pier(world: World, into: Organisation) -> int:
    return reorganising.merge_unions(
        world.actor("province_officer"), organisation=world.unions["pier"], into=into,
        on=timezone.localdate(), document="鄂工1号",
    )  # fmt: skip


def told(account: int) -> list[str]:
    rows = Message.objects.everywhere(reason=WHY).filter(recipient_id=account, title="筹备已终止")
    return list(rows.values_list("url", flat=True))


@pytest.mark.parametrize("by", ["pier_officer", "worker_outside"])
def test_the_superior_and_the_applicant_end_a_preparation_and_the_other_is_told(
    world: World, by: str
) -> None:
    found = preparing(world)
    ended = end_preparation(world.actor(by), founding=found, reason="单位已经搬走")
    assert ended.stage == Founding.Stage.ENDED
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="organising.end_founding")
    assert (entry.subject_id, entry.reason, entry.path) == (
        found.pk,
        "单位已经搬走",
        world.unions["pier"].path,
    )
    mine, desk = f"/m/applications/{found.review.number}/", f"/desk/foundings/{found.pk}/"
    assert told(world.accounts["worker_outside"].pk) == ([mine] if by == "pier_officer" else [])
    assert told(world.accounts["pier_officer"].pk) == ([desk] if by == "worker_outside" else [])
    again = applied(world, "pier_officer")
    assert again.stage == Founding.Stage.APPLIED


def test_nobody_else_ends_it_and_not_without_a_reason(world: World) -> None:
    found = preparing(world)
    for name in ("worker_alpha", "gorge_officer", "chair_alpha"):
        with pytest.raises(NotAllowed):
            end_preparation(world.actor(name), founding=found, reason="单位已经搬走")
    with pytest.raises(Refused, match="终止原因"):
        end_preparation(world.actor("pier_officer"), founding=found, reason=" ")


def test_what_is_under_review_is_withdrawn_instead(world: World) -> None:
    found = applied(world)
    with pytest.raises(Refused, match=r"待批复.*撤回"):
        end_preparation(world.actor("pier_officer"), founding=found, reason="单位已经搬走")
    decide(world, found.review)
    file(world, found)
    with pytest.raises(Refused, match=r"选举结果待批复.*撤回"):
        end_preparation(world.actor("pier_officer"), founding=found, reason="单位已经搬走")


def test_it_is_ended_at_the_desk(world: World, signed_in: SignIn) -> None:
    found = preparing(world)
    url = f"/desk/foundings/{found.pk}/"
    assert f'href="{url}end/"' in signed_in("pier_officer").get(url).content.decode()
    assert f'href="{url}end/"' not in signed_in("leader").get(url).content.decode()
    client = signed_in("pier_officer")
    assert client.post(f"{url}end/", {"reason": ""}).status_code == 422
    assert client.post(f"{url}end/", {"reason": "单位已经搬走"})["Location"] == url
    page = client.get(url).content.decode()
    assert "已终止" in page
    assert f'href="{url}end/"' not in page


def test_it_is_ended_on_the_phone_by_who_applied(world: World, signed_in: SignIn) -> None:
    found = preparing(world)
    url = f"/m/foundings/{found.pk}/end/"
    assert signed_in("worker_alpha").get(url).status_code == 404
    client = signed_in("worker_outside")
    assert f'href="{url}"' in client.get("/m/found/").content.decode()
    assert client.get(url).status_code == 200
    answer = client.post(url, {"reason": "大家不想建了"}, follow=True)
    assert "已终止" in answer.content.decode()
    assert url not in client.get("/m/found/").content.decode()


def test_a_preparation_passes_to_the_successor_of_its_superior(world: World) -> None:
    found, street = preparing(world), new_street(world)
    merge_pier(world, street)
    found.refresh_from_db()
    assert (found.organisation, found.stage) == (street, Founding.Stage.PREPARING)
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="organising.pass_foundings")
    assert (entry.path, entry.detail) == (
        street.path,
        {"from": world.unions["pier"].code, "foundings": [found.pk]},
    )
    one = file(world, found, by="east_officer")
    assert one.result_review is not None
    decide(world, one.result_review)
    one.refresh_from_db()
    assert one.founded is not None
    assert one.founded.parent == street


def test_the_approval_goes_on_naming_the_superior_that_gave_it_the_result_the_successor(world: World) -> None:
    found, street = preparing(world), new_street(world)
    merge_pier(world, street)
    found.refresh_from_db()
    one = file(world, found, by="east_officer")
    assert one.result_review is not None
    reviews = (one.review, one.result_review)
    named = [dict(procedure(review.procedure).facts(review))["上级工会"] for review in reviews]
    assert named == [world.unions["pier"].name, street.name]


def test_the_successors_officer_is_led_to_no_review_of_the_former_superior(
    world: World, signed_in: SignIn
) -> None:
    found = preparing(world)
    client, url = signed_in("pier_officer"), f"/desk/foundings/{found.pk}/"
    assert f"/desk/reviews/{found.review.number}/" in client.get(url).content.decode()
    Founding.objects.everywhere(reason=WHY).filter(pk=found.pk).update(organisation=world.unions["hill"])
    Grant.objects.everywhere(reason=WHY).filter(account=world.accounts["pier_officer"]).update(
        organisation=world.unions["hill"]
    )
    page = client.get(url).content.decode()
    assert found.review.number in page
    assert f"/desk/reviews/{found.review.number}/" not in page


def test_a_successor_that_can_be_no_superior_takes_no_preparation(world: World) -> None:
    found = preparing(world)
    for key in ("alpha", "beta"):
        tree.move(
            world.actor("province_officer"), organisation=world.unions[key], parent=world.unions["hill"],
            on=timezone.localdate(), document="鄂工2号",
        )  # fmt: skip
    with pytest.raises(Refused, match=f"“{found.name}”正在筹备"):
        merge_pier(world, world.unions["gamma"])


def test_a_superior_with_a_preparation_is_not_dissolved(world: World) -> None:
    street = new_street(world)
    found = preparing(world, industry=world.unions["transport"])
    Founding.objects.everywhere(reason=WHY).filter(pk=found.pk).update(organisation=street)
    for union in (street, world.unions["transport"]):
        with pytest.raises(Refused, match=f"“{found.name}”.*终止筹备"):
            reorganising.dissolve_union(
                world.actor("province_officer"), organisation=union, on=timezone.localdate(),
                reason="机构改革", document="鄂工3号",
            )  # fmt: skip
    found.refresh_from_db()
    end_preparation(world.actor("east_officer"), founding=found, reason="机构改革")
    reorganising.dissolve_union(
        world.actor("province_officer"), organisation=street, on=timezone.localdate(), reason="机构改革",
        document="鄂工3号",
    )  # fmt: skip


def test_an_industry_superior_to_be_passes_over_too(world: World) -> None:
    found = preparing(world, industry=world.unions["transport"])
    other = tree.establish(
        world.actor("province_officer"), name="江城市交通物流工会", kind="industry", level=2,
        parent=world.unions["river_city"], division="4201", on=date(2024, 1, 1),
    )  # fmt: skip
    reorganising.merge_unions(
        world.actor("province_officer"), organisation=world.unions["transport"], into=other,
        on=timezone.localdate(), document="鄂工4号",
    )  # fmt: skip
    found.refresh_from_db()
    assert found.industry_parent == other
