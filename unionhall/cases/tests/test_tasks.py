"""联动任务: a plan's targets as tasks, parts to unions and departments, replies merged, handed down and up."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.access.models import Account
from unionhall.cases.actions import core, referrals, task_parts, tasks
from unionhall.cases.forms.referrals import _acts as referral_acts
from unionhall.cases.models import Case, PartnerBody, Task, TaskPart
from unionhall.cases.rules.tasks import Part, merged, progress
from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.records.models import JournalEntry

from .incidents import WHY

pytestmark = pytest.mark.django_db
GIVER = "river_officer"


def day(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def given(world: World, **more: Any) -> Case:
    return tasks.give(
        world.actor(GIVER), organisation=world.unions["river_city"], title="治欠保支专项行动",
        target="年底前欠薪案件动态清零", due_on=day(60), methods="联合检查", steps="摸排、整改、回头看",
        safeguard="专班推进", **more,
    )  # fmt: skip


def asked(world: World, case: Case, union: str = "east", days: int = 20) -> TaskPart:
    return task_parts.ask_union(
        world.actor(GIVER), case, organisation=world.unions[union], holder="王部长", asked="摸排辖区在建工地",
        due_on=day(days), account=None,
    )  # fmt: skip


def task(case: Case) -> Task:
    return Task.objects.everywhere(reason=WHY).select_related("case").get(case=case)


def part(one: TaskPart) -> TaskPart:
    return TaskPart.objects.everywhere(reason=WHY).select_related("organisation", "referral").get(pk=one.pk)


def test_progress_is_the_mean_of_what_counts() -> None:
    one = Part("a", 50, date(2026, 1, 1), False, "半")
    done = Part("b", 10, date(2026, 1, 1), True, "好")
    gone = Part("c", 0, date(2026, 1, 1), False, withdrawn=True)
    assert progress([one, done, gone]) == 75
    assert progress([]) == 0
    assert one.is_late(date(2026, 1, 2))
    assert not one.is_late(date(2026, 1, 1))
    assert not done.is_late(date(2027, 1, 1))
    assert merged([one, gone, done]) == "1. a：半\n2. b：好"


def test_a_plan_holds_tasks_and_ends_when_they_have(world: World) -> None:
    plan = tasks.make_plan(
        world.actor(GIVER), organisation=world.unions["river_city"], kind="one_six", title="“1+6”文件",
        starts_on=day(0), ends_on=day(365),
    )  # fmt: skip
    case = given(world, plan=plan)
    assert (case.state, timezone.localdate(case.due_at)) >= ("given", day(60))
    with pytest.raises(Refused, match="1 项任务"):
        tasks.close_plan(world.actor(GIVER), plan=plan)
    Case.objects.everywhere(reason=WHY).filter(pk=case.pk).update(closed_at=timezone.now())
    assert tasks.close_plan(world.actor(GIVER), plan=plan).closed_at is not None
    with pytest.raises(Refused, match="没有结束的规划"):
        given(world, plan=plan)
    with pytest.raises(NotAllowed):
        tasks.make_plan(
            world.actor("chair_alpha"), organisation=world.unions["alpha"], kind="other", title="x",
            starts_on=day(0), ends_on=day(1),
        )  # fmt: skip


def test_parts_are_answered_accepted_and_merged(world: World) -> None:
    case, giver, east = given(world), world.actor(GIVER), world.actor("pier_officer")
    first, second = asked(world, case, "pier"), asked(world, case, "west")
    with pytest.raises(Refused, match="2 项分工"):
        tasks.merge(giver, case, conclusion="完成")
    with pytest.raises(NotAllowed):
        task_parts.reply(east, second, reply="不是我的", progress=10, final=False)
    task_parts.reply(east, first, reply="已摸排一半", progress=50, final=False)
    assert task(case).progress == 25
    task_parts.reply(east, first, reply="摸排 12 个工地", progress=80, final=True)
    assert (part(first).state, part(first).progress) == ("replied", 100)
    task_parts.return_part(giver, first, reason="缺少名单", due_on=day(30))
    assert part(first).state == "returned"
    task_parts.reply(east, first, reply="名单已补", progress=100, final=True)
    task_parts.accept(giver, first)
    task_parts.withdraw(giver, second, reason="辖区没有工地")
    tasks.merge(giver, case, conclusion="专项行动完成。")
    assert task(case).result == "专项行动完成。\n1. 码头街道总工会（王部长）：名单已补"
    closed = tasks.close(giver, case, opinion="同意办结")
    assert (closed.state, task(case).progress) == ("closed", 100)


def test_what_is_handed_down_answers_upward(world: World) -> None:
    case, giver = given(world), world.actor(GIVER)
    above = asked(world, case, "pier")
    street = world.actor("pier_officer")
    with pytest.raises(Refused, match="不能晚于上级要求"):
        task_parts.hand_down(street, above, title="分解", target="t", due_on=day(21))
    below = task_parts.hand_down(street, above, title="街道摸排", target="逐个工地", due_on=day(15))
    with pytest.raises(Refused, match="已经分解"):
        task_parts.hand_down(street, above, title="分解", target="t", due_on=day(10))
    one = task_parts.ask_union(
        street, below, organisation=world.unions["alpha"], holder="赵主席", asked="自查", due_on=day(10)
    )
    chair = world.actor("chair_alpha")
    task_parts.reply(chair, one, reply="没有欠薪", progress=60, final=False)
    assert part(above).progress == 60
    task_parts.reply(chair, one, reply="没有欠薪", progress=100, final=True)
    task_parts.accept(street, one)
    tasks.merge(street, below, conclusion="街道已摸排。")
    tasks.close(street, below, opinion="办结")
    fresh = part(above)
    assert (fresh.state, fresh.progress) == ("replied", 100)
    assert "没有欠薪" in fresh.reply
    task_parts.accept(giver, above)
    assert task(case).progress == 100


def test_a_task_that_is_withdrawn_takes_its_parts_with_it(world: World) -> None:
    case, giver, street = given(world), world.actor(GIVER), world.actor("pier_officer")
    above, answered = asked(world, case, "pier"), asked(world, case, "west")
    task_parts.reply(giver, answered, reply="没有工地", progress=100, final=True)
    below = task_parts.hand_down(street, above, title="街道摸排", target="逐个工地", due_on=day(15))
    one = task_parts.ask_union(
        street, below, organisation=world.unions["alpha"], holder="赵主席", asked="自查", due_on=day(10)
    )
    core.move(giver, case, "withdraw", opinion="上级另行部署")
    assert (part(above).state, part(answered).state) == ("withdrawn", "replied")
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="cases.part_settled")
    assert entry.detail == {"parts": [above.pk], "state": "withdrawn"}
    # What the street had made of its part is its own task now, and ends like any other.
    task_parts.reply(world.actor("chair_alpha"), one, reply="没有欠薪", progress=100, final=True)
    task_parts.accept(street, one)
    tasks.merge(street, below, conclusion="街道已摸排。")
    assert tasks.close(street, below, opinion="办结").state == "closed"
    assert part(above).reply == ""


def test_what_is_beyond_a_union_is_handed_up(world: World) -> None:
    case = given(world)
    one = asked(world, case, "pier")
    task_parts.hand_up(world.actor("pier_officer"), one, reason="工地属市管项目")
    assert (part(one).state, part(one).reply) == ("refused", "工地属市管项目")
    with pytest.raises(Refused):
        task_parts.accept(world.actor(GIVER), one)


def test_only_below_and_only_in_time(world: World) -> None:
    case = given(world)
    with pytest.raises(Refused, match="下级工会"):
        asked(world, case, "gorge_county")
    with pytest.raises(Refused, match="不能晚于任务"):
        asked(world, case, days=61)
    with pytest.raises(Refused, match="没有办理任务的权限"):
        task_parts.ask_union(
            world.actor(GIVER), case, organisation=world.unions["east"], holder="x", asked="x", due_on=day(3),
            account=world.accounts["chair_alpha"],
        )  # fmt: skip


def _body(world: World) -> tuple[PartnerBody, Actor]:
    from django.db.backends.postgresql.psycopg_any import DateRange

    from unionhall.access.grants import actor_for
    from unionhall.access.models import Grant
    from unionhall.cases.models import PartnerSeat

    city = world.unions["river_city"]
    body = PartnerBody.objects.create(
        organisation=city, kind="labour", kind_label="人社", name="江城市人社局", division=city.division
    )
    account = Account.objects.create(username="agency_1", display_name="人社局联络员")
    period = DateRange(date(2020, 1, 1), None)
    Grant.objects.create(account=account, role="agency", organisation=city, period=period, granted_by=WHY)
    PartnerSeat.objects.create(body=body, account=account)
    return body, actor_for(account)


def test_a_department_replies_at_its_own_entrance(world: World) -> None:
    case, giver = given(world), world.actor(GIVER)
    body, agency = _body(world)
    # Every kind of partner can be given a part; about a person's case it is not asked that way.
    asked = [code for _, acts in referral_acts([body]) for code, _ in acts]
    assert (f"{body.pk}/inspection" in asked, f"{body.pk}/task" in asked) == (True, False)
    one = task_parts.ask_body(
        giver, case, body=body, act="task", holder="监察支队", asked="联合检查", due_on=day(30)
    )
    assert one.referral is not None
    with pytest.raises(Refused, match="联动入口"):
        task_parts.reply(giver, one, reply="x", progress=1, final=True)
    referrals.accept(agency, referral=one.referral)
    referrals.reply(agency, referral=one.referral, result="检查 30 户，责令整改 4 户")
    assert part(one).stands == "replied"
    task_parts.return_part(giver, part(one), reason="请补充整改结果", due_on=day(40))
    again = part(one).referral
    assert again is not None
    assert again.pk != one.referral.pk
    referrals.accept(agency, referral=again)
    referrals.reply(agency, referral=again, result="4 户均已整改")
    task_parts.accept(giver, part(one))
    assert (part(one).state, part(one).reply) == ("accepted", "4 户均已整改")
    assert task(case).progress == 100
    tasks.merge(giver, case, conclusion="部门联动完成。")
    assert "江城市人社局（监察支队）：4 户均已整改" in task(case).result
