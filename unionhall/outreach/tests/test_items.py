"""Problems, ratings, duties, contact points, office months: clocks, owners, who is told, who may not."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.architecture import samples_outreach as scene
from tests.world import World
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import Holiday, working_calendar
from unionhall.members.models import DeskIdentity, Household, HouseholdMember
from unionhall.outreach import comparing, triggers
from unionhall.outreach.actions import contacts, duties, items, office, rating
from unionhall.outreach.actions.holding import Target
from unionhall.outreach.models import ContactPoint, DifficultFirm, VisitDuty, VisitItem, VisitRating
from unionhall.records.models import Message

pytestmark = pytest.mark.django_db
WHY = "test"
SignIn = Callable[[str], Client]


def fresh(item: VisitItem) -> VisitItem:
    return VisitItem.objects.everywhere(reason=WHY).select_related("organisation").get(pk=item.pk)


def letters(world: World, account: str) -> list[str]:
    rows = Message.objects.everywhere(reason=WHY).filter(recipient_id=world.accounts[account].pk)
    return list(rows.order_by("pk").values_list("title", flat=True))


def age(item: VisitItem, working_days: int) -> None:
    """As if it were due so many working days ago."""
    due = working_calendar().add_working_days(timezone.localdate(), -working_days)
    VisitItem.objects.everywhere(reason=WHY).filter(pk=item.pk).update(due_on=due)


def test_a_problem_has_an_owner_and_a_deadline_by_its_kind(world: World) -> None:
    item = scene.item(world)
    assert item.due_on == working_calendar().add_working_days(timezone.localdate(), 5)
    assert item.person == world.people["alpha_1"], "who was visited reads the answer"
    assert letters(world, "officer_alpha") == ["走访问题由您办理：加班费没有按时发"]
    actor, _ = scene.chair(world)
    with pytest.raises(Refused, match="请选择走访工会"):
        items.open_item(
            actor, visit=item.visit, category="wages", title="问题", owner=world.accounts["chair_gamma"]
        )
    with pytest.raises(Refused, match="请选择问题类别"):
        items.open_item(
            actor, visit=item.visit, category="nothing", title="问题", owner=world.accounts["chair_alpha"]
        )


def test_the_worker_rates_and_a_low_rating_reopens_twice(world: World) -> None:
    item, worker = scene.item(world, settled=True), world.actor("worker_alpha")
    assert letters(world, "worker_alpha") == ["您反映的问题有答复了"]
    for number in (1, 2):
        rating.rate(worker, item=item, stars=2, text="没有补发，电话13800001234")
        again = fresh(item)
        assert (again.state, again.reopened) == ("reopened", number)
        assert again.due_on == working_calendar().add_working_days(timezone.localdate(), 15)
        with pytest.raises(Refused, match="还没有答复"):
            rating.rate(worker, item=item, stars=5, text="")
        items.settle(world.actor("officer_alpha"), item=item, reply="重新核算后补发。")
    rating.rate(worker, item=item, stars=1, text="")
    last = fresh(item)
    assert last.state == "settled", "twice is the most; then superiors see the rating"
    with pytest.raises(Refused, match="已经评价过"):
        rating.rate(worker, item=item, stars=5, text="")
    texts = VisitRating.objects.everywhere(reason=WHY).filter(item=item).values_list("words", flat=True)
    assert not any("13800001234" in one for one in texts)


def test_nobody_rates_but_who_was_visited_and_never_the_owner(world: World) -> None:
    item = scene.item(world, settled=True)
    with pytest.raises(Refused, match="只有反映问题的人"):
        rating.rate(world.actor("worker_beta"), item=item, stars=5, text="")
    with pytest.raises(Refused, match="不能评价自己"):
        rating.rate(world.actor("officer_alpha"), item=item, stars=5, text="", stop=item.stop)
    VisitItem.objects.everywhere(reason=WHY).filter(pk=item.pk).update(
        settled_on=timezone.localdate() - timedelta(days=61)
    )
    with pytest.raises(Refused, match="60 天内"):
        rating.rate(world.actor("worker_alpha"), item=item, stars=5, text="")


def test_who_raised_it_does_not_answer_it(world: World) -> None:
    item = scene.item(world)
    person = world.people["alpha_1"]
    person.account = world.accounts["officer_alpha"]
    person.save(update_fields=["account"])
    with pytest.raises(Refused, match="您本人反映的问题"):
        items.settle(world.actor("officer_alpha"), item=item, reply="好了。")


def test_nor_does_his_household(world: World) -> None:
    item, home = scene.item(world), Household.objects.create(key="J1")
    officer, worker = world.people["alpha_2"], world.people["alpha_1"]
    DeskIdentity.objects.create(account=world.accounts["officer_alpha"], person=officer, named_by="x")
    for person in (officer, worker):
        HouseholdMember.objects.create(
            household=home, person=person, name=person.name, id_number=f"T{person.pk}",
            id_index=person.pk.to_bytes(16, "big"), period=DateRange(date(2020, 1, 1), None),
        )  # fmt: skip
    with pytest.raises(Refused, match="您家庭成员反映的问题"):
        items.settle(world.actor("officer_alpha"), item=item, reply="好了。")


def test_a_late_answer_stays_late_when_the_calendar_changes(world: World) -> None:
    item = scene.item(world)
    age(item, 1)
    items.settle(world.actor("officer_alpha"), item=item, reply="已办。")
    assert fresh(item).on_time is False
    items.recompute(system_actor())
    assert fresh(item).on_time is False


def test_a_new_holiday_moves_open_deadlines_in_one_statement(
    world: World, django_assert_num_queries: Any
) -> None:
    one, other = scene.item(world), scene.item(world)
    due = fresh(one).due_on
    assert items.recompute(system_actor()) == 0
    Holiday.objects.update_or_create(day=due, defaults={"name": "调休", "is_working_day": False})
    assert items.recompute(system_actor()) == 2
    assert fresh(one).due_on == fresh(other).due_on == working_calendar().add_working_days(due, 1)


def test_superiors_hear_once_of_what_is_too_late(world: World) -> None:
    item = scene.item(world)
    age(item, 1)
    assert items.escalate_late() == 0, "two working days are waited"
    age(item, 2)
    assert items.escalate_late() == 1
    assert items.escalate_late() == 0
    assert letters(world, "pier_officer") == ["走访问题逾期：江城安达快递有限公司工会委员会"]
    assert letters(world, "river_officer") == [], "the nearest superior, not every one"


def test_supervision_and_reassignment(world: World) -> None:
    item = scene.item(world)
    with pytest.raises(NotAllowed):
        items.urge(world.actor("chair_alpha"), item=item, note="请抓紧")
    items.urge(world.actor("leader"), item=item, note="请抓紧办理。")
    assert letters(world, "officer_alpha")[-1] == "督办：加班费没有按时发"
    moved = items.assign(
        world.actor("chair_alpha"), item=item, owner=world.accounts["pier_officer"], reason="要街道协调"
    )
    assert moved.organisation == world.unions["pier"]
    assert moved.due_on == item.due_on
    with pytest.raises(NotAllowed):
        items.settle(world.actor("chair_alpha"), item=item, reply="办了")


def test_a_slip_rates_without_an_account(world: World, client: Client) -> None:
    item = scene.item(world, settled=True, family=False)
    assert item.stop is not None
    code = item.stop.code.reveal()
    found = client.post(reverse("public_visit_rate"), {"code": f"{code[:5]} {code[5:]}"})
    assert found["Location"] == reverse("public_visit_slip", args=[code])
    page = client.get(found["Location"]).content.decode()
    assert "加班费没有按时发" in page
    assert "张海林" not in page
    assert client.post(reverse("public_visit_rate"), {"code": "0000000000"}).status_code == 422
    address = reverse("public_visit_slip_rate", args=[code, item.pk])
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"stars": "5", "text": "很好"}).status_code == 302
    assert "您的评价" in client.get(found["Location"]).content.decode()
    assert "已经评价过" in client.post(address, {"stars": "1"}).content.decode()
    made = VisitRating.objects.everywhere(reason=WHY).get()
    assert (made.stars, made.source) == (5, "slip")


def test_wrong_codes_are_counted(world: World, client: Client) -> None:
    item = scene.item(world, settled=True)
    assert item.stop is not None
    for _ in range(10):
        assert client.get(reverse("public_visit_slip", args=["0000000000"])).status_code == 404
    right = reverse("public_visit_slip", args=[item.stop.code.reveal()])
    assert client.get(right).status_code == 404, "whoever guesses gets no further for a minute"


def test_the_phone_shows_and_rates(world: World, signed_in: SignIn) -> None:
    item = scene.item(world, settled=True)
    client = signed_in("worker_alpha")
    assert "加班费没有按时发" in client.get(reverse("m_visits")).content.decode()
    page = client.get(reverse("m_visit_item", args=[item.pk])).content.decode()
    assert "已经补发" in page
    assert "officer_alpha" not in page, "the trail names the union, not the cadre"
    assert client.post(reverse("m_visit_item_rate", args=[item.pk]), {"stars": "4"}).status_code == 302
    assert client.get(reverse("m_visit_item_rate", args=[item.pk])).status_code == 302
    assert signed_in("worker_beta").get(reverse("m_visit_item", args=[item.pk])).status_code == 404


def test_a_duty_is_opened_once_per_event_and_its_clock_runs_from_the_event(world: World) -> None:
    began = timezone.now() - timedelta(hours=50)
    person = world.people["alpha_2"]
    event = triggers.Event("test:1", "hardship", "申请了困难帮扶。", began, person=person)
    source = triggers.Source("test", "测试来源", lambda since: [event, event])
    triggers.register(source)
    try:
        assert triggers.look() == 1
        assert triggers.look() == 0
        assert triggers.look(hourly=True) == 0
    finally:
        del triggers._sources["test"]
    duty = VisitDuty.objects.everywhere(reason=WHY).select_related("organisation").get()
    assert duty.organisation == world.unions["alpha"], "the person's union"
    assert duty.due_at == began + timedelta(hours=48)
    assert duty.who == "欧*"
    assert letters(world, "chair_alpha") == ["逢困必访：请走访欧*"]
    assert duties.escalate_late() == 1
    assert duties.escalate_late() == 0
    assert letters(world, "pier_officer") == ["必访任务逾期：江城安达快递有限公司工会委员会"]


def test_nobody_s_union_makes_no_duty(world: World) -> None:
    event = triggers.Event("test:2", "trouble", "遇到困难", timezone.now(), person=world.people["outsider"])
    triggers.register(triggers.Source("test", "测试来源", lambda since: [event]))
    try:
        assert triggers.look() == 0
    finally:
        del triggers._sources["test"]


def test_a_named_helper_goes_first(world: World) -> None:
    actor, _ = scene.chair(world)
    contacts.name_contact(
        actor, account=world.accounts["officer_alpha"], organisation=world.unions["alpha"],
        target=Target(person=world.people["alpha_2"]), helps=True,
    )  # fmt: skip
    assert scene.duty(world).owner == world.accounts["officer_alpha"]


def test_supervision_of_a_duty_is_answered(world: World) -> None:
    duty = scene.duty(world)
    with pytest.raises(NotAllowed):
        duties.void(world.actor("chair_alpha"), duty=duty, reason="不用去")
    duties.urge(world.actor("pier_officer"), duty=duty, note="请马上去。")
    with pytest.raises(Refused, match="没有等待回复"):
        duties.explain(world.actor("chair_alpha"), duty=scene.duty(world, "b:1"), explanation="好")
    duties.explain(world.actor("chair_alpha"), duty=duty, explanation="人在外地医院，明天上午去。")
    with pytest.raises(Refused, match="没有等待回复"):
        duties.explain(world.actor("chair_alpha"), duty=duty, explanation="再说一次")
    done = duties.void(world.actor("pier_officer"), duty=duty, reason="重复登记")
    assert done.state == "void"


def test_one_helper_at_a_time_and_a_list_of_firms(world: World, signed_in: SignIn) -> None:
    actor, account = scene.chair(world)
    firm = scene.firm(world)
    employer, union = world.employers["alpha"], world.unions["alpha"]
    with pytest.raises(Refused, match="已经在困难企业名单"):
        scene.firm(world)
    client = signed_in("chair_alpha")
    assert "没有指定" in client.get(reverse("desk_difficult_firms")).content.decode()
    for who in ("officer_alpha", "chair_alpha"):
        contacts.name_contact(
            actor,
            account=world.accounts[who],
            organisation=union,
            target=Target(employer=employer),
            helps=True,
        )
    held = ContactPoint.objects.everywhere(reason=WHY).current().filter(helps=True)
    assert [one.account_id for one in held] == [account.pk]
    page = client.get(reverse("desk_difficult_firms")).content.decode()
    assert account.display_name in page
    contacts.leave_firm(actor, firm=firm, result="recovered", note="恢复满负荷生产。")
    assert not ContactPoint.objects.everywhere(reason=WHY).current().filter(helps=True).exists()
    assert DifficultFirm.objects.everywhere(reason=WHY).in_force().count() == 0


def test_contact_pages(world: World, signed_in: SignIn) -> None:
    client = signed_in("river_officer")
    who = str(world.accounts["river_officer"].pk)
    both = {"cadre": who, "firm": "江城博远", "union": "江东区总工会"}
    assert "只填一项" in client.post(reverse("desk_contact_new"), both).content.decode()
    county = {"cadre": who, "union": "江东区总工会"}
    assert client.post(reverse("desk_contact_new"), county).status_code == 302
    assert "已经联系这里" in client.post(reverse("desk_contact_new"), county).content.decode()
    assert "江东区总工会" in client.get(reverse("desk_contacts")).content.decode()
    assert "江东区总工会" in client.get(reverse("desk_visit_new")).content.decode(), "one's points are ticks"
    point = ContactPoint.objects.everywhere(reason=WHY).get()
    assert client.post(reverse("desk_contact_end", args=[point.pk])).status_code == 302
    assert not ContactPoint.objects.everywhere(reason=WHY).current().exists()


def test_meetings_against_the_year_before(world: World, signed_in: SignIn) -> None:
    union, actor = world.unions["alpha"], world.actor("chair_alpha")
    today = timezone.localdate()
    before = date(today.year - 1, 1, 1)
    office.record_month(actor, organisation=union, month=before, meetings=20, documents=50)
    office.record_month(actor, organisation=union, month=before.replace(month=2), meetings=99, documents=99)
    client = signed_in("chair_alpha")
    form = {"organisation": union.pk, "month": f"{today.year}-01", "meetings": 12, "documents": 40}
    client.post(reverse("desk_office_new"), form)
    client.post(reverse("desk_office_new"), form | {"meetings": 9, "documents": 30})
    meetings, documents = comparing.compared(comparing.months(union, actor.access, today.year))
    assert (str(meetings.index), str(documents.index)) == ("0.5500", "0.4000"), "only months that both have"
    page = client.get(reverse("desk_office")).content.decode()
    assert "减少 55.0%" in page
    assert "减少 40.0%" in page
    whole, _ = comparing.compared(
        comparing.months(world.unions["east"], world.actor("river_officer").access, today.year, below=True)
    )
    assert (whole.this, whole.last) == (9, 20)
    with pytest.raises(Refused, match="还没到"):
        office.record_month(
            actor, organisation=union, month=date(today.year + 1, 1, 1), meetings=1, documents=1
        )


def test_below_a_union_one_is_not_compared_with_another(world: World) -> None:
    january = date(timezone.localdate().year, 1, 1)
    for union, month, meetings in (
        ("alpha", january, 10),
        ("beta", january.replace(year=january.year - 1), 100),
    ):
        office.record_month(
            world.actor(f"chair_{union}"), organisation=world.unions[union], month=month, meetings=meetings,
            documents=1,
        )  # fmt: skip
    access = world.actor("pier_officer").access
    found, _ = comparing.compared(comparing.months(world.unions["pier"], access, january.year, below=True))
    assert (found.this, found.last, found.index) == (0, 0, None)


def test_the_to_do_list_tells_what_is_late(world: World, signed_in: SignIn) -> None:
    item = scene.item(world)
    age(item, 1)
    duty = scene.duty(world)
    VisitDuty.objects.everywhere(reason=WHY).filter(pk=duty.pk).update(
        due_at=timezone.now() - timedelta(hours=1)
    )
    page = signed_in("officer_alpha").get(reverse("desk_home")).content.decode()
    assert "必访任务已逾期" in page
    assert "由我办理的走访问题已逾期" in page
    above = signed_in("pier_officer").get(reverse("desk_home")).content.decode()
    assert "下级走访问题逾期" in above


def test_problem_pages(world: World, signed_in: SignIn) -> None:
    visit, client = scene.visit(world), signed_in("chair_alpha")
    family = visit.stops.everywhere(reason=WHY).get(person__isnull=False)
    form = {
        "stop": family.pk,
        "category": "safety",
        "title": "没有防砸鞋",
        "owner": world.accounts["chair_alpha"].pk,
    }
    assert client.post(reverse("desk_visit_item_new", args=[visit.pk]), form).status_code == 302
    item = VisitItem.objects.everywhere(reason=WHY).get()
    assert (item.stop, item.person) == (family, world.people["alpha_1"])
    for verb, given in (
        ("hand", {"to": "诉求 SQ1"}),
        ("assign", {"owner": world.accounts["officer_alpha"].pk, "reason": "他管劳保"}),
        ("reply", {"reply": "发了新鞋。"}),
    ):
        assert client.post(reverse(f"desk_visit_item_{verb}", args=[item.pk]), given).status_code == 302
    page = client.get(reverse("desk_visit_item", args=[item.pk])).content.decode()
    assert all(one in page for one in ("诉求 SQ1", "他管劳保", "发了新鞋"))
    states = {"open": 0, "late": 0, "soon": 0, "settled": 1, "rated": 0, "low": 0, "reopened": 0}
    for state, count in states.items():
        shown = client.get(reverse("desk_visit_items") + f"?state={state}").content.decode()
        assert shown.count("没有防砸鞋") == count, state


def test_duty_pages(world: World, signed_in: SignIn) -> None:
    client = signed_in("chair_alpha")
    nobody = {"trouble": "trouble", "because": "遇到难处"}
    assert "请填写要走访的职工或单位" in client.post(reverse("desk_visit_duty_new"), nobody).content.decode()
    assert client.post(reverse("desk_visit_duty_new"), nobody | {"firm": "江城安达"}).status_code == 302
    duty = VisitDuty.objects.everywhere(reason=WHY).get()
    assert duty.organisation == world.unions["alpha"], "the union that covers the firm"
    answer = client.post(
        reverse("desk_visit_duty_assign", args=[duty.pk]), {"owner": world.accounts["officer_alpha"].pk}
    )
    assert answer.status_code == 302
    for state, count in {"open": 1, "overdue": 0, "met": 0, "late": 0, "urged": 0, "void": 0}.items():
        shown = client.get(reverse("desk_visit_duties") + f"?state={state}").content.decode()
        assert shown.count(duty.number) == count, state
    assert client.get(reverse("desk_visit_new") + "?duty=999999").status_code == 404
    form = {
        "organisation": world.unions["alpha"].pk, "kind": "call", "on": f"{timezone.localdate():%Y-%m-%d}",
        "participants": [world.accounts["chair_alpha"].pk], "done": "on",
    }  # fmt: skip
    assert client.post(reverse("desk_visit_new") + f"?duty={duty.pk}", form).status_code == 302
    assert VisitDuty.objects.everywhere(reason=WHY).get().state == "met"
