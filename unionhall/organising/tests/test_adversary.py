"""What an attacker tries with matters: deciding on himself, reading whose matter it is, taking files by number."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from tests.world import World
from unionhall.access.models import Account, Grant
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.permissions import Line, Role
from unionhall.members import consents
from unionhall.organising.actions import admission, transfers
from unionhall.organising.actions.reorganising import dissolve_union
from unionhall.organising.views.posts import find_person
from unionhall.records import attachments
from unionhall.records.actions import journal
from unionhall.reviews.models import ReviewStep

SignIn = Callable[[str], Client]


def test_a_chair_who_moves_himself_decides_nothing_by_that(world: World) -> None:
    """Two chairs in one union; one of them is the worker: the union's step stays, for the other one."""
    mover = world.accounts["worker_alpha"]
    Grant.objects.create(
        account=mover, role=Role.CHAIR, line=Line.GENERAL, organisation=world.unions["alpha"],
        period=(timezone.localdate(), None), granted_by="test",
    )  # fmt: skip
    found = transfers.request_transfer(
        world.actor("worker_alpha"),
        membership=world.memberships["alpha_1"],
        destination=world.unions["beta"],
        reason="换了工作单位",
    )
    steps = ReviewStep.objects.everywhere(reason="test").filter(review=found.review)
    assert {step.organisation_id for step in steps} == {world.unions["alpha"].pk, world.unions["beta"].pk}


@pytest.mark.parametrize(("who", "whole"), [("leader", False), ("reviewer", True), ("chair_beta", True)])
def test_a_leader_does_not_read_whose_matter_it_is(
    world: World, signed_in: SignIn, who: str, whole: bool
) -> None:
    person = world.people["outsider"]
    for purpose in consents.PURPOSES:
        consents.give(world.actor("worker_outside"), person=person, purpose=purpose)
    found = admission.apply(
        world.actor("worker_outside"), person=person, organisation=world.unions["beta"], occupation="快递员"
    )
    page = signed_in(who).get(f"/desk/reviews/{found.review.number}/").content.decode()
    assert "周*" in page
    assert (person.name in page) is whole


@pytest.fixture
def stored(world: World, settings: Any, tmp_path: Path) -> Callable[..., int]:
    settings.FILES_DIR = tmp_path

    def store(purpose: str, owner: str, union: str | None = None) -> int:
        paths = world.unions[union].paths if union else ()
        found = attachments.store(
            world.actor(owner), BytesIO(b"x"), name="a.xlsx", content_type="x", purpose=purpose, paths=paths
        )
        return int(found.pk)

    return store


@pytest.mark.parametrize("purpose", ["members.export", "roster", "roster-errors"])
@pytest.mark.parametrize("who", ["chair_alpha", "reviewer"])
def test_numbers_of_many_people_do_not_leave_by_the_side_door(
    stored: Callable[..., int], signed_in: SignIn, purpose: str, who: str
) -> None:
    """The general download asks neither `members.export` nor `members.intake`, nor for a desk session."""
    pk = stored(purpose, "chair_alpha", "alpha")
    assert signed_in(who).get(f"/desk/attachments/{pk}/").status_code == 404


def test_an_export_is_not_opened_by_a_session_without_a_password(
    stored: Callable[..., int], world: World, client: Client
) -> None:
    account: Account = world.accounts["chair_alpha"]
    pk = stored("members.export", "chair_alpha")
    client.force_login(account, backend="unionhall.access.backends.DeskBackend")
    session = client.session
    session["signed_in_by"] = "code"
    session.save()
    assert client.get(f"/desk/attachments/{pk}/").status_code == 404


def test_a_new_union_does_not_read_what_the_former_one_wrote(world: World, signed_in: SignIn) -> None:
    person = world.people["alpha_1"]
    for union, words in (("gamma", "旧单位的事由"), ("alpha", "本单位的事由")):
        journal(
            world.actor("river_officer"), "members.reveal", subject=person,
            paths=world.unions[union].paths, reason=words,
        )  # fmt: skip
    page = signed_in("chair_alpha").get(f"/desk/members/{person.pk}/").content.decode()
    assert "本单位的事由" in page
    assert "旧单位的事由" not in page


def test_what_an_officer_submitted_for_others_stays_theirs(world: World, signed_in: SignIn) -> None:
    """我的办件 asks for no grant and no password: the name is whole only for the person concerned."""
    found = transfers.request_transfer(
        world.actor("chair_alpha"),
        membership=world.memberships["alpha_1"],
        destination=world.unions["beta"],
        reason="换了工作单位",
    )
    Grant.objects.everywhere(reason="test").filter(account=world.accounts["chair_alpha"]).delete()
    address = f"/m/applications/{found.review.number}/"
    assert world.people["alpha_1"].name not in signed_in("chair_alpha").get(address).content.decode()
    assert world.people["alpha_1"].name in signed_in("worker_alpha").get(address).content.decode()


def test_a_phone_does_not_tell_whose_it_is(world: World, signed_in: SignIn) -> None:
    stranger, own = world.people["gamma_1"], world.people["alpha_1"]
    access = world.actor("chair_alpha").access
    with pytest.raises(ValidationError):
        find_person(stranger.phone.reveal(), access)
    assert find_person(own.phone.reveal(), access) == own
    assert find_person(stranger.id_number.reveal(), access) == stranger


def test_members_are_pressed_on_no_union_of_another_branch(world: World) -> None:
    with pytest.raises(NotAllowed):
        dissolve_union(
            world.actor("east_officer"),
            organisation=world.unions["alpha"],
            on=timezone.localdate(),
            reason="单位注销",
            document="江东工〔2026〕1号",
            destination=world.unions["gamma"],
        )
