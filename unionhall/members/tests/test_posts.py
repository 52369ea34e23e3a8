"""Posts end with the membership they stood on, and none begins in a union that has ended."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.members import actions
from unionhall.members.models import Post
from unionhall.organisations import actions as tree
from unionhall.organisations.models import Organisation
from unionhall.records.models import JournalEntry

WHY = "test"
SINCE, ON = date(2022, 1, 1), date(2024, 5, 1)


def appoint(world: World, person: str, union: str, title: str, on: date = SINCE) -> Post:
    return actions.appoint(
        system_actor(), person=world.people[person], organisation=world.unions[union], title=title, on=on
    )


def held(world: World, person: str) -> set[str]:
    rows = Post.objects.everywhere(reason=WHY).filter(person=world.people[person], period__upper_inf=True)
    return set(rows.values_list("organisation__short_name", flat=True))


def end(world: World, person: str, how: str, on: date = ON) -> None:
    actions.end(system_actor(), membership=world.memberships[person], on=on, exit=how, reason="委员会决定")


@pytest.mark.parametrize("how", ["withdrawal", "deemed", "expulsion"])
def test_who_leaves_the_union_leaves_its_posts_and_those_of_its_parts(world: World, how: str) -> None:
    chair = appoint(world, "alpha_1", "alpha", "chair")
    appoint(world, "alpha_1", "alpha_night", "group_leader")
    appoint(world, "alpha_1", "pier", "committee")
    end(world, "alpha_1", how)
    assert held(world, "alpha_1") == {"pier"}
    chair.refresh_from_db()
    assert (chair.period.lower, chair.period.upper) == (SINCE, ON)
    entries = JournalEntry.objects.everywhere(reason=WHY).filter(action="members.leave_post")
    assert {(one.path, one.detail["title"], one.reason) for one in entries} == {
        (world.unions["alpha"].path, "chair", "委员会决定"),
        (world.unions["alpha_night"].path, "group_leader", "委员会决定"),
    }
    appoint(world, "alpha_2", "alpha", "chair", ON)


def test_a_member_of_a_branch_held_posts_in_the_union_above_it(world: World) -> None:
    appoint(world, "alpha_3", "alpha", "women_chair")
    end(world, "alpha_3", "withdrawal")
    assert held(world, "alpha_3") == set()


def test_the_dead_hold_no_post_anywhere(world: World) -> None:
    appoint(world, "beta_1", "beta", "chair")
    appoint(world, "beta_1", "east", "vice_chair")
    end(world, "beta_1", "death")
    assert held(world, "beta_1") == set()


def test_a_transfer_ends_the_posts_in_the_union_that_is_left(world: World) -> None:
    for union in ("beta", "alpha", "pier"):
        appoint(world, "beta_1", union, "committee")
    actions.move(
        system_actor(), membership=world.memberships["beta_1"], destination=world.unions["alpha"], on=ON
    )
    assert held(world, "beta_1") == {"alpha", "pier"}


def test_a_move_inside_the_union_ends_none(world: World) -> None:
    appoint(world, "alpha_1", "alpha", "chair")
    night = world.unions["alpha_night"]
    actions.move(system_actor(), membership=world.memberships["alpha_1"], destination=night, on=ON)
    assert held(world, "alpha_1") == {"alpha"}


def test_a_membership_does_not_end_before_a_post_that_was_held_after_it(world: World) -> None:
    """What was registered later stands: it is ended in its own right first."""
    appoint(world, "beta_1", "beta", "chair", ON + timedelta(days=1))
    with pytest.raises(Refused, match="任职在 2024-05-02 有过变动"):
        end(world, "beta_1", "withdrawal")
    appoint(world, "beta_2", "beta", "committee", ON)
    end(world, "beta_2", "withdrawal")
    assert held(world, "beta_2") == set()


def test_nobody_is_appointed_in_a_union_that_has_ended(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    beta, today = world.unions["beta"], timezone.localdate()
    stale = Organisation.objects.everywhere(reason=WHY).get(pk=beta.pk)
    tree.merge(system_actor(), organisation=beta, into=world.unions["alpha"], on=today, document="江工1号")
    for union in (beta, stale):
        with pytest.raises(Refused, match="已合并，不能再办理"):
            actions.appoint(
                system_actor(), person=world.people["beta_1"], organisation=union, title="chair", on=today
            )
    brief = tree.establish(
        system_actor(), name="一日工会委员会", kind="grassroots", level=5, parent=world.unions["pier"],
        division="420103001", on=today,
    )  # fmt: skip
    tree.dissolve(system_actor(), organisation=brief, on=today, reason="登记错误")
    answer = signed_in("pier_officer").post(
        f"/desk/orgs/{brief.code}/posts/new/",
        {"person": "李建国", "title": "chair", "on": f"{today:%Y-%m-%d}", "confirmed": "1"},
    )
    assert answer.status_code == 422
    assert "已撤销，不能再办理" in answer.content.decode()
    assert not Post.objects.everywhere(reason=WHY).exists()
