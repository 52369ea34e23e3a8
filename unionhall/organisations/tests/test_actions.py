"""The verbs of the tree: what they do, what they refuse, and that one move costs the same however many follow."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.kit.identifiers import make_uscc
from unionhall.members.models import Membership
from unionhall.organisations import actions, codes, divisions, paths, rules
from unionhall.organisations.kinds import Kind, Status
from unionhall.organisations.models import Division, Organisation, Placement
from unionhall.records.models import JournalEntry

pytestmark = pytest.mark.django_db
ACTOR = system_actor("试验")
WHY = "a test reads the tables directly"
DAY = date(2024, 5, 1)


def make(world: World, parent: str, name: str = "新工会", on: date = DAY, **more: Any) -> Organisation:
    values: dict[str, Any] = {"kind": Kind.GRASSROOTS, "level": 5, "division": "420103001"} | more
    return actions.establish(ACTOR, name=name, parent=world.unions[parent], on=on, **values)


def test_segments_count_in_base_36_and_are_never_given_twice(world: World) -> None:
    assert [paths.segment(number) for number in (1, 35, 36, 36**4 - 1)] == ["0001", "000z", "0010", "zzzz"]
    with pytest.raises(paths.NoSegmentLeft):
        paths.segment(36**4)
    one = make(world, "dam")
    actions.dissolve(ACTOR, organisation=one, on=DAY, reason="登记错误")
    two = make(world, "dam", "又一工会")
    actions.move(ACTOR, organisation=two, parent=world.unions["hill"], on=DAY)
    three = make(world, "dam", "第三工会")
    used = (
        Placement.objects.everywhere(reason=WHY)
        .filter(parent=world.unions["dam"])
        .values_list("path", flat=True)
    )
    assert len(set(used)) == len(list(used))
    assert three.path not in {one.path, two.path}


def test_a_move_carries_the_subtree_in_the_same_number_of_queries(
    world: World, django_assert_num_queries: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for round_, union in enumerate(["pier", "dam"]):
        for number in range(1 + 3 * round_):
            make(world, union, f"批次{round_}第{number}工会")
        with CaptureQueriesContext(connection) as seen:
            actions.move(
                ACTOR, organisation=world.unions[union], parent=world.unions["west"], on=timezone.localdate()
            )
        counts.append(len(seen))
    assert counts[0] == counts[1]
    for one in Organisation.objects.everywhere(reason=WHY):
        for row in Membership.objects.everywhere(reason=WHY).filter(organisation=one):
            assert (row.path, row.second_path) == (one.path, one.second_path)
    world.unions["alpha"].refresh_from_db()
    assert world.unions["alpha"].second_path.startswith(world.unions["transport"].path)


def test_a_move_is_not_dated_before_a_change_below(world: World) -> None:
    branch = make(world, "beta", "后设分会", kind=Kind.BRANCH, level=6)
    with pytest.raises(Refused, match="2024-05-01 有过变动"):
        actions.move(
            ACTOR, organisation=world.unions["beta"], parent=world.unions["hill"], on=DAY - timedelta(days=1)
        )
    actions.move(ACTOR, organisation=world.unions["beta"], parent=world.unions["hill"], on=DAY)
    branch.refresh_from_db()
    assert branch.path.startswith(world.unions["beta"].path)


def test_a_branch_follows_its_union_between_chains(world: World) -> None:
    night = world.unions["alpha_night"]
    actions.move(ACTOR, organisation=night, parent=world.unions["beta"], on=DAY)
    assert night.second_path == ""
    actions.move(ACTOR, organisation=night, parent=world.unions["alpha"], on=DAY + timedelta(days=1))
    assert night.second_path.startswith(world.unions["alpha"].second_path)
    row = Membership.objects.everywhere(reason=WHY).get(person=world.people["alpha_3"])
    assert (row.path, row.second_path) == (night.path, night.second_path)


def test_industry_followers_follow_when_the_industry_union_moves(world: World) -> None:
    transport = world.unions["transport"]
    actions.move(ACTOR, organisation=transport, parent=world.unions["gorge_city"], on=DAY)
    world.unions["alpha"].refresh_from_db()
    assert world.unions["alpha"].second_path.startswith(transport.path)
    assert transport.path.startswith(world.unions["gorge_city"].path)


@pytest.mark.parametrize(
    ("union", "parent", "words"),
    [
        ("pier", "alpha", "不能把工会移到它自己或它的下级之下"),
        ("alpha", "pier", "没有变化"),
        ("alpha", "beta", "不能设在基层工会之下"),
        ("province", "river_city", "必须有上级|地方链上必须有上级"),
    ],
)
def test_moves_that_make_no_tree_are_refused(world: World, union: str, parent: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        actions.move(
            ACTOR, organisation=world.unions[union], parent=world.unions[parent], on=timezone.localdate()
        )


def test_dates_neither_in_the_future_nor_before_the_last_change(world: World) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(Refused, match="不能晚于今天"):
        actions.rename(ACTOR, organisation=world.unions["beta"], name="新名工会", on=tomorrow)
    actions.rename(ACTOR, organisation=world.unions["beta"], name="新名工会", on=DAY)
    with pytest.raises(Refused, match="不能早于"):
        actions.rename(ACTOR, organisation=world.unions["beta"], name="旧名工会", on=DAY - timedelta(days=1))
    actions.rename(ACTOR, organisation=world.unions["beta"], name="更正工会", on=DAY)
    names = world.unions["beta"].namings.filter(period__contains=DAY).values_list("name", flat=True)
    assert list(names) == ["更正工会"]


def test_the_superior_decides_not_the_union_itself(world: World) -> None:
    chair, officer = world.actor("chair_alpha"), world.actor("pier_officer")
    with pytest.raises(NotAllowed):
        actions.rename(chair, organisation=world.unions["alpha"], name="自改名工会", on=DAY)
    with pytest.raises(NotAllowed):
        actions.rename(officer, organisation=world.unions["pier"], name="自改名街道工会", on=DAY)
    with pytest.raises(NotAllowed):
        actions.move(officer, organisation=world.unions["alpha"], parent=world.unions["hill"], on=DAY)
    actions.rename(officer, organisation=world.unions["alpha"], name="上级改名工会", on=DAY)
    entry = JournalEntry.objects.everywhere(reason=WHY).about(world.unions["alpha"]).get()
    assert (entry.action, entry.actor_id) == ("organisations.rename", world.accounts["pier_officer"].pk)


def test_credit_codes_of_unions(world: World) -> None:
    good = make_uscc("81", "420103", 7)
    one = make(world, "pier", uscc=good.lower())
    assert one.uscc == good
    with pytest.raises(Refused, match="已登记给"):
        make(world, "pier", "别的工会", uscc=good)
    with pytest.raises(Refused, match="以 81"):
        make(world, "pier", "别的工会", uscc=make_uscc("91", "420103", 8))
    with pytest.raises(Refused):
        make(world, "pier", "别的工会", uscc=good[:-1] + ("0" if good[-1] != "0" else "1"))


def test_terms(world: World) -> None:
    alpha = world.unions["alpha"]
    end = alpha.terms.get().period.upper
    early = timezone.localdate()
    with pytest.raises(Refused, match="提前换届须经上级工会批准"):
        actions.start_term(ACTOR, organisation=alpha, on=early, years=5)
    with pytest.raises(Refused, match="3 年 或 5 年"):
        actions.start_term(ACTOR, organisation=alpha, on=early, years=4, document="x")
    with pytest.raises(Refused, match="应为 5 年"):
        actions.start_term(ACTOR, organisation=world.unions["east"], on=early, years=3)
    later = end + timedelta(days=90)
    assert actions.extend(ACTOR, organisation=alpha, until=later, document="延期1号").period.upper == later
    term = actions.start_term(ACTOR, organisation=alpha, on=early, years=3, document="换届1号")
    assert alpha.terms.order_by("number")[0].period.upper == early
    assert term.number == 1 + alpha.terms.order_by("number")[0].number


def test_the_clock_turns_amber_and_red() -> None:
    today = date(2026, 1, 10)
    states = [
        rules.TermClock.read(end, today, today + timedelta(days=30)).state.value
        for end in (None, date(2026, 1, 10), date(2026, 1, 11), date(2026, 2, 9), date(2026, 2, 10))
    ]
    assert states == ["none", "red", "amber", "amber", "green"]


def test_an_employer_has_one_union_at_a_time(world: World) -> None:
    employer = world.employers["alpha"]
    with pytest.raises(Refused, match=world.unions["alpha"].name):
        actions.cover(ACTOR, organisation=world.unions["beta"], employer=employer, on=DAY)
    actions.uncover(
        ACTOR, organisation=world.unions["alpha"], employer=employer, on=DAY, reason="改由乙会覆盖"
    )
    actions.cover(ACTOR, organisation=world.unions["beta"], employer=employer, on=DAY)
    with pytest.raises(Refused, match="不直接管理会员"):
        actions.cover(ACTOR, organisation=world.unions["east"], employer=world.employers["gamma"], on=DAY)


def test_suspension_and_ending(world: World) -> None:
    union = make(world, "dam")
    actions.suspend(ACTOR, organisation=union, reason="暂无会员")
    assert union.status == Status.SUSPENDED
    with pytest.raises(Refused, match="不需要办理"):
        actions.suspend(ACTOR, organisation=union, reason="再次")
    actions.resume(ACTOR, organisation=union, reason="恢复")
    with pytest.raises(Refused, match="还在它之下"):
        actions.dissolve(ACTOR, organisation=world.unions["dam"], on=DAY, reason="撤街道")
    actions.dissolve(ACTOR, organisation=union, on=DAY + timedelta(days=3), reason="撤销")
    with pytest.raises(Refused, match="已撤销"):
        actions.rename(ACTOR, organisation=union, name="还魂工会", on=timezone.localdate())


def test_codes_follow_each_other() -> None:
    assert codes.next_codes("990101", 2) == ["990101-00001", "990101-00002"]


def test_divisions_load_twice_without_a_change() -> None:
    first = divisions.load("42")
    count = Division.objects.count()
    assert divisions.load("42") == first == count > 1500
    assert divisions.names("420102") == "湖北省武汉市江岸区"
    assert Division.objects.get(pk="429004").parent_code == "420000"
    street = Division.objects.filter(parent_code="420102", level=4).first()
    assert street is not None
    assert len(street.code) == 9
