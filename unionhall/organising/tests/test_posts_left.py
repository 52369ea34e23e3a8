"""Posts do not outlive the membership: who is carried out of a whole union leaves its posts there."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.members.actions import appoint
from unionhall.members.models import Employment, Post
from unionhall.organisations.models import Organisation
from unionhall.organising.actions import reorganising as actions
from unionhall.records.models import JournalEntry

pytestmark = pytest.mark.django_db
WHY = "a test reads the tables directly"
SINCE = date(2022, 1, 1)
TODAY = timezone.localdate()


def in_post(world: World, who: str, union: str, title: str, since: date = SINCE) -> Post:
    return appoint(
        system_actor(), person=world.people[who], organisation=world.unions[union], title=title, on=since
    )


def held(*posts: Post) -> list[bool]:
    rows = Post.objects.everywhere(reason=WHY).filter(period__upper_inf=True)
    open_now = set(rows.values_list("pk", flat=True))
    return [post.pk in open_now for post in posts]


def split(world: World, on: date = TODAY, **what: Any) -> Organisation:
    return actions.split_union(
        world.actor("pier_officer"), organisation=world.unions["alpha"],
        name="江城安达快递分公司工会委员会", on=on, document="江工9号", **what,
    )  # fmt: skip


def only_alpha_1_works_at_alpha(world: World) -> None:
    rows = Employment.objects.everywhere(reason=WHY).filter(employer=world.employers["alpha"])
    rows.exclude(person=world.people["alpha_1"]).update(employer=None)


def test_who_passes_over_in_a_split_leaves_the_posts_and_who_stays_keeps_them(world: World) -> None:
    only_alpha_1_works_at_alpha(world)
    chair, stays = (
        in_post(world, "alpha_1", "alpha", "chair"),
        in_post(world, "alpha_2", "alpha", "committee"),
    )
    branch = in_post(world, "alpha_1", "alpha_night", "organiser")
    elsewhere = in_post(world, "alpha_1", "pier", "committee")
    split(world, employers=[world.employers["alpha"]])
    assert held(chair, stays, branch, elsewhere) == [False, True, False, True]
    chair.refresh_from_db()
    assert chair.period.upper == TODAY
    entries = JournalEntry.objects.everywhere(reason=WHY).filter(action="members.leave_post")
    assert {(entry.subject_id, entry.path) for entry in entries} == {
        (world.people["alpha_1"].pk, world.unions[union].path) for union in ("alpha", "alpha_night")
    }


def test_a_branch_that_splits_off_takes_its_posts_along_but_not_those_of_the_union(world: World) -> None:
    only_alpha_1_works_at_alpha(world)
    above = in_post(world, "alpha_3", "alpha", "women_chair")
    branch = in_post(world, "alpha_3", "alpha_night", "organiser")
    led = in_post(world, "alpha_1", "alpha_night", "committee")
    split(world, employers=[world.employers["alpha"]], children=[world.unions["alpha_night"]])
    assert held(above, branch, led) == [False, True, True]


def dissolve_branch(world: World, into: str, on: date) -> None:
    actions.dissolve_union(
        system_actor(), organisation=world.unions["alpha_night"], on=on, reason="不再设夜班",
        document="江1号", destination=world.unions[into],
    )  # fmt: skip


def merge_branch(world: World, into: str, on: date) -> None:
    actions.merge_unions(
        system_actor(), organisation=world.unions["alpha_night"], into=world.unions[into], on=on,
        document="江2号",
    )  # fmt: skip


@pytest.mark.parametrize("end", [dissolve_branch, merge_branch])
def test_members_of_a_branch_that_ends_leave_the_posts_of_the_union_they_are_carried_out_of(
    world: World, end: Any
) -> None:
    post = in_post(world, "alpha_3", "alpha", "women_chair")
    other = in_post(world, "alpha_1", "alpha", "chair")
    end(world, "beta", TODAY)
    assert held(post, other) == [False, True]


@pytest.mark.parametrize("end", [dissolve_branch, merge_branch])
def test_within_one_union_they_keep_them(world: World, end: Any) -> None:
    post = in_post(world, "alpha_3", "alpha", "women_chair")
    end(world, "alpha", TODAY)
    assert held(post) == [True]


def test_a_union_that_merges_takes_the_posts_of_its_branches_along(world: World) -> None:
    head = in_post(world, "alpha_1", "alpha_night", "organiser")
    chair = in_post(world, "alpha_1", "alpha", "chair")
    actions.merge_unions(
        system_actor(), organisation=world.unions["alpha"], into=world.unions["beta"], on=TODAY,
        document="江3号",
    )  # fmt: skip
    assert held(head, chair) == [True, False]


def test_no_reorganisation_is_dated_before_a_post_that_it_ends(world: World) -> None:
    in_post(world, "alpha_1", "alpha", "chair", since=TODAY)
    with pytest.raises(Refused, match="任职在"):
        split(world, on=TODAY - timedelta(days=1), employers=[world.employers["alpha"]])
    in_post(world, "alpha_3", "alpha", "women_chair", since=TODAY)
    with pytest.raises(Refused, match="任职在"):
        merge_branch(world, "beta", TODAY - timedelta(days=1))


def test_who_splits_a_union_reads_first_whose_posts_end_and_what_the_law_asks(world: World) -> None:
    only_alpha_1_works_at_alpha(world)
    client, url = Client(), f"/desk/orgs/{world.unions['alpha'].code}/split/"
    client.force_login(world.accounts["pier_officer"])
    fields = {"name": "江城安达快递分公司工会委员会", "on": TODAY.isoformat(), "document": "江工9号",
              "employers": [world.employers["alpha"].pk]}  # fmt: skip
    assert "第十八条" not in client.post(url, fields).content.decode()
    post = in_post(world, "alpha_1", "alpha", "chair")
    in_post(world, "alpha_2", "alpha", "committee")
    text = client.post(url, fields).content.decode()
    assert "主席张海林" in text
    assert "欧阳娜" not in text
    assert "《工会法》第十八条" in text
    assert held(post) == [True]


def test_who_ends_a_branch_reads_which_posts_of_the_union_end_too(world: World) -> None:
    in_post(world, "alpha_3", "alpha", "women_chair")
    client, branch = Client(), world.unions["alpha_night"].code
    client.force_login(world.accounts["pier_officer"])
    fields = {"on": TODAY.isoformat(), "document": "江工9号"}
    merge = client.post(f"/desk/orgs/{branch}/merge/", fields | {"into": world.unions["beta"].code})
    fields |= {"reason": "不再设夜班", "destination": world.unions["beta"].code, "disposal": "moved"}
    for page in (merge, client.post(f"/desk/orgs/{branch}/dissolve/", fields)):
        assert f"{Post.Title.WOMEN_CHAIR.label}单小燕" in page.content.decode()
