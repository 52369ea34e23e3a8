"""Merging, splitting and dissolving carry members, posts and employers; the past stays as it was."""

from collections.abc import Callable
from datetime import date, timedelta
from threading import Event, Thread

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.world import World
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.members.actions import admit, appoint
from unionhall.members.models import Membership, Post
from unionhall.organisations import actions as tree
from unionhall.organisations.kinds import Status
from unionhall.organisations.models import Coverage, Employer, Organisation, Succession
from unionhall.organising.actions import reorganising as actions
from unionhall.organising.actions.transfers import request_transfer
from unionhall.reviews import actions as reviewing
from unionhall.reviews.models import ReviewStep

pytestmark = pytest.mark.django_db
WHY = "a test reads the tables directly"
ON = date(2024, 3, 1)


def members(union: Organisation, day: date | None = None) -> int:
    return Membership.objects.everywhere(reason=WHY).as_of(day).filter(organisation=union).count()


def test_merging_carries_members_branches_and_employers(world: World) -> None:
    alpha, beta = world.unions["alpha"], world.unions["beta"]
    appoint(
        world.actor("chair_beta"),
        person=world.people["beta_1"],
        organisation=beta,
        title="chair",
        on=date(2022, 1, 1),
    )
    count = actions.merge_unions(
        world.actor("pier_officer"), organisation=beta, into=alpha, on=ON, document="江工1号"
    )
    assert count == 2
    assert members(beta) == 0
    assert members(alpha) == 4
    assert members(beta, ON - timedelta(days=1)) == 2
    beta.refresh_from_db()
    assert beta.status == Status.MERGED
    assert beta.existence.upper == ON
    held = Coverage.objects.everywhere(reason=WHY).get(
        employer=world.employers["beta"], period__upper_inf=True
    )
    assert held.organisation == alpha
    assert Succession.objects.everywhere(reason=WHY).get(organisation=beta).successor == alpha
    assert Post.objects.everywhere(reason=WHY).get(organisation=beta).period.upper == ON
    moved = Membership.objects.everywhere(reason=WHY).current().filter(person=world.people["beta_1"]).get()
    assert (moved.path, moved.second_path) == (alpha.path, alpha.second_path)


def test_only_the_superior_merges(world: World) -> None:
    with pytest.raises(NotAllowed):
        actions.merge_unions(
            world.actor("chair_beta"),
            organisation=world.unions["beta"],
            into=world.unions["alpha"],
            on=ON,
            document="x",
        )


def test_nothing_merges_into_itself_or_what_stands_below_it(world: World) -> None:
    officer, alpha = world.actor("pier_officer"), world.unions["alpha"]
    today = timezone.localdate()
    actions.merge_unions(officer, organisation=world.unions["beta"], into=alpha, on=today, document="江工1号")
    for into in (alpha, world.unions["alpha_night"]):
        with pytest.raises(Refused, match="不能并入自己") as refusal:
            actions.merge_unions(officer, organisation=alpha, into=into, on=today, document="江工2号")
        assert refusal.value.field == "into"
    assert members(alpha) == 4


def test_the_page_says_so_and_keeps_what_was_entered(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    alpha = world.unions["alpha"]
    entered = {"into": alpha.code, "on": timezone.localdate().isoformat(), "document": "江工〔2026〕3号"}
    page = signed_in("pier_officer").post(f"/desk/orgs/{alpha.code}/merge/", entered)
    assert page.context["form"].errors == {"into": ["不能并入自己或自己的下级。请选择其他工会。"]}
    for value in entered.values():
        assert f'value="{value}"' in page.content.decode()
    assert members(alpha) == 2


def test_splitting_carries_those_who_work_there(world: World) -> None:
    alpha = world.unions["alpha"]
    other = Employer.objects.create(name="江城安达仓储有限公司", division="420103001", employees=20)
    tree.cover(world.actor("chair_alpha"), organisation=alpha, employer=other, on=date(2022, 1, 1))
    part = actions.split_union(
        world.actor("pier_officer"),
        organisation=alpha,
        name="江城安达仓储有限公司工会委员会",
        on=ON,
        document="江工2号",
        employers=[world.employers["alpha"]],
        children=[world.unions["alpha_night"]],
    )
    assert members(part) == 2
    assert members(alpha) == 0
    world.unions["alpha_night"].refresh_from_db()
    assert world.unions["alpha_night"].path.startswith(part.path)
    carried = Membership.objects.everywhere(reason=WHY).current().get(person=world.people["alpha_3"])
    assert carried.path == world.unions["alpha_night"].path


def test_dissolving_needs_a_place_for_members(world: World) -> None:
    actor, gamma = world.actor("river_officer"), world.unions["gamma"]
    with pytest.raises(Refused, match="还有 1 名会员"):
        actions.dissolve_union(actor, organisation=gamma, on=ON, reason="企业破产", document="x")
    assert actions.nearest_with_members(gamma) == world.unions["hill"]
    count = actions.dissolve_union(
        actor, organisation=gamma, on=ON, reason="企业破产", document="x", destination=world.unions["hill"],
        disposal=actions.Disposal.RETAINED,
    )  # fmt: skip
    assert count == 1
    held = Membership.objects.everywhere(reason=WHY).current().get(person=world.people["gamma_1"])
    assert held.organisation == world.unions["hill"]
    assert held.standing == Membership.Standing.RETAINED
    gamma.refresh_from_db()
    assert gamma.status == Status.DISSOLVED


def test_a_union_with_branches_is_not_dissolved(world: World) -> None:
    with pytest.raises(Refused, match="还在它之下"):
        actions.dissolve_union(
            world.actor("pier_officer"), organisation=world.unions["alpha"], on=ON, reason="x", document="x",
            destination=world.unions["pier"],
        )  # fmt: skip


def dissolve_gamma(world: World) -> int:
    return actions.dissolve_union(
        world.actor("province_officer"), organisation=world.unions["gamma"], on=timezone.localdate(),
        reason="单位注销", document="鄂工1号", destination=world.unions["alpha"],
    )  # fmt: skip


def merge_gamma(world: World) -> int:
    return actions.merge_unions(
        world.actor("province_officer"), organisation=world.unions["gamma"], into=world.unions["alpha"],
        on=timezone.localdate(), document="鄂工2号",
    )  # fmt: skip


@pytest.mark.parametrize("by", ["chair_beta", "chair_gamma"])
def test_a_union_does_not_end_while_transfers_into_it_are_open(world: World, by: str) -> None:
    """Whether its own step still waits, or it started the transfer itself and has agreed thereby."""
    transfer = request_transfer(
        world.actor(by), membership=world.memberships["beta_1"], destination=world.unions["gamma"],
        reason="换了工作单位",
    )  # fmt: skip
    for end in (dissolve_gamma, merge_gamma):
        with pytest.raises(Refused, match=transfer.review.number):
            end(world)
    reviewing.withdraw(world.actor(by), review=transfer.review, reason="本人不转了")
    assert dissolve_gamma(world) == 1


def test_a_union_does_not_end_before_the_step_that_waits_for_it(world: World) -> None:
    transfer = request_transfer(
        world.actor("worker_beta"), membership=world.memberships["beta_1"],
        destination=world.unions["alpha"], reason="换了工作单位",
    )  # fmt: skip
    steps = ReviewStep.objects.everywhere(reason=WHY).filter(review=transfer.review)
    steps.filter(order=2).update(organisation=world.unions["gamma"])
    with pytest.raises(Refused, match=transfer.review.number):
        dissolve_gamma(world)
    steps.filter(order=2).update(outcome=ReviewStep.Outcome.APPROVED)
    assert dissolve_gamma(world) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["dissolve", "merge"])
def test_nobody_joins_a_union_while_it_ends(world: World, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """An admission that comes after the members were counted waits, and then finds no union to join."""
    officer, today = world.actor("pier_officer"), timezone.localdate()
    empty = tree.establish(
        officer, name="空壳公司工会委员会", kind="grassroots", level=5, parent=world.unions["pier"],
        division="420103001", on=ON,
    )  # fmt: skip
    said: list[object] = []
    joined, real = Event(), actions._end_posts

    def join() -> None:
        try:
            admit(system_actor(), person=world.people["outsider"], organisation=empty, on=today)
        except Refused as refusal:
            said.append(refusal)
        finally:
            joined.set()
            connection.close()

    other = Thread(target=join)

    def counted(organisation: Organisation, on: date) -> None:
        other.start()
        said.append(joined.wait(1.5))
        real(organisation, on)

    monkeypatch.setattr(actions, "_end_posts", counted)
    if how == "dissolve":
        actions.dissolve_union(officer, organisation=empty, on=today, reason="单位注销", document="江工1号")
    else:
        actions.merge_unions(
            officer, organisation=empty, into=world.unions["alpha"], on=today, document="江工1号"
        )
    other.join(30)
    early, refusal = said
    assert not early
    assert "已撤销或合并" in str(refusal)
    assert members(empty) == 0


def test_the_pages_check_before_they_act(world: World) -> None:
    client = Client()
    client.force_login(world.accounts["pier_officer"])
    beta = world.unions["beta"]
    today = f"{timezone.localdate():%Y-%m-%d}"
    text = client.get(f"/desk/orgs/{beta.code}/").content.decode()
    assert f"/desk/orgs/{beta.code}/merge/" in text
    fields = {"into": world.unions["alpha"].code, "on": today, "document": "江工1号"}
    answer = client.post(f"/desk/orgs/{beta.code}/merge/", fields)
    assert "2 名会员" in answer.content.decode()
    assert members(beta) == 2
    assert client.get(f"/desk/orgs/{beta.code}/split/").status_code == 200
    text = client.get(f"/desk/orgs/{beta.code}/dissolve/").content.decode()
    assert world.unions["pier"].code in text
    fields = {"reason": "企业注销", "destination": world.unions["pier"].code, "disposal": "moved", "on": today,
              "document": "江工3号", "confirmed": "1"}  # fmt: skip
    assert client.post(f"/desk/orgs/{beta.code}/dissolve/", fields).status_code == 302
    assert members(beta) == 0
    client.force_login(world.accounts["chair_alpha"])
    assert "/merge/" not in client.get(f"/desk/orgs/{world.unions['alpha'].code}/").content.decode()
    assert client.get(f"/desk/orgs/{world.unions['alpha'].code}/merge/").status_code == 403


def test_posts_by_form(world: World) -> None:
    client = Client()
    client.force_login(world.accounts["chair_alpha"])
    url = f"/desk/orgs/{world.unions['alpha'].code}/posts/"
    today = f"{timezone.localdate():%Y-%m-%d}"
    yesterday = f"{timezone.localdate() - timedelta(days=1):%Y-%m-%d}"
    fields = {"person": "欧阳娜", "title": "women_chair", "on": yesterday, "confirmed": "1"}
    assert client.post(url + "new/", fields).status_code == 302
    assert "欧阳娜" in client.get(url).content.decode()
    answer = client.post(url + "new/", fields | {"person": "王强"})
    assert "没有找到这个人" in answer.content.decode()
    post = Post.objects.everywhere(reason=WHY).get(organisation=world.unions["alpha"])
    assert client.post(f"{url}{post.pk}/leave/", {"on": today, "confirmed": "1"}).status_code == 302
    assert "曾任" in client.get(url).content.decode()
