"""Visits: counted once, dated truly, met duties, slips; who may go."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from hypothesis import given
from hypothesis import strategies as st

from tests.architecture import samples_outreach as scene
from tests.world import World
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.indicators import registry
from unionhall.kit.workdays import Calendar
from unionhall.organisations.models import Employer
from unionhall.outreach import slips
from unionhall.outreach.actions import visiting
from unionhall.outreach.actions.holding import Target
from unionhall.outreach.models import Visit, VisitDuty, VisitStop
from unionhall.outreach.places import Place
from unionhall.outreach.rules import visiting as rules
from unionhall.outreach.tables import YearTable

WHY = "test"
SignIn = Callable[[str], Client]


def plan(world: World, *firms: Employer, who: tuple[str, ...] = ("chair_alpha",), **more: Any) -> Visit:
    actor, _ = scene.chair(world)
    facts: dict[str, Any] = {
        "organisation": world.unions["alpha"], "kind": "working", "on": timezone.localdate(),
        "participants": [world.accounts[one] for one in who], "done": True,
        "targets": [Target(employer=one) for one in firms or [world.employers["alpha"]]],
    } | more  # fmt: skip
    return visiting.plan(actor, **facts)


def fresh(visit: Visit) -> Visit:
    return Visit.objects.everywhere(reason=WHY).select_related("organisation").get(pk=visit.pk)


def figures(world: World, name: str, *codes: str) -> dict[str, int]:
    where = Place(world.unions[name], None, world.actor("province_officer").access)
    return registry.values([f"outreach.{code}" for code in codes], where)


@given(st.integers(0, 10**9), st.integers(1, 240))
def test_hours_left_never_say_there_is_time_when_there_is_none(second: int, hours: int) -> None:
    began = datetime.fromtimestamp(second, UTC)
    due = began + timedelta(hours=hours)
    assert rules.hours_left(due, began) == hours
    assert rules.hours_left(due, due + timedelta(seconds=1)) == -1
    assert rules.duty_light(due, due + timedelta(seconds=1)) == "red"
    assert rules.duty_light(due, due) == "amber"


@given(
    st.dates(date(2026, 1, 1), date(2027, 12, 1)),
    st.integers(1, 30),
    st.sets(st.dates(date(2026, 1, 1), date(2028, 6, 1)), max_size=9),
)
def test_a_deadline_is_a_working_day_and_grows_with_days_off(start: date, days: int, off: set[date]) -> None:
    plain, poorer = Calendar(), Calendar(dict.fromkeys(off, False))
    due = rules.item_due(start, days, poorer)
    assert poorer.is_working_day(due)
    assert due >= rules.item_due(start, days, plain)
    assert poorer.working_days_between(start, due) == days


def test_reduction() -> None:
    assert str(rules.reduction(54, 120)) == "0.5500"
    assert rules.reduction(5, 0) is None


@pytest.mark.django_db
def test_figures_count_people_and_firms_once(world: World) -> None:
    alpha, beta = world.employers["alpha"], world.employers["beta"]
    first = plan(world, alpha, beta, who=("chair_alpha", "officer_alpha"))
    second = plan(world, alpha, who=("chair_alpha",))
    stops = VisitStop.objects.everywhere(reason=WHY)
    actor, _ = scene.chair(world)
    visiting.write_up(
        actor, visit=first, summary="车间同劳动一天，工人13900001234说食堂好。",
        met={one.pk: 30 for one in stops.filter(visit=first)}, notes={},
    )  # fmt: skip
    visiting.write_up(
        actor,
        visit=second,
        summary="回访。",
        met={one.pk: 10 for one in stops.filter(visit=second)},
        notes={},
    )
    plan(world, beta, done=False, on=timezone.localdate() + timedelta(days=2))
    found = figures(world, "east", "visits", "person_visits", "firms_reached", "workers_met")
    assert list(found.values()) == [2, 3, 2, 70], "three person-visits, two firms, 30 + 30 + 10 workers"
    assert figures(world, "gorge_city", "person_visits") == {"outreach.person_visits": 0}
    assert "13900001234" not in fresh(first).summary
    table = YearTable(world.unions["alpha"], actor.access, timezone.localdate().year)
    people = {one.name: one for one in table.people}
    chair = people[world.accounts["chair_alpha"].display_name]
    assert (chair.days, chair.visits, chair.firms, chair.workers) == (1, 2, 2, 70)
    officer = people[world.accounts["officer_alpha"].display_name]
    assert (officer.visits, officer.firms, officer.workers) == (1, 2, 60)
    above = YearTable(world.unions["east"], world.actor("river_officer").access, timezone.localdate().year)
    below = {one.organisation.short_name: one.figures["outreach.person_visits"] for one in above.units}
    assert below == {"east": 0, "pier": 3}


@pytest.mark.django_db
def test_a_visit_is_neither_antedated_nor_made_in_the_future(world: World) -> None:
    today = timezone.localdate()
    with pytest.raises(Refused, match="15 天内补记"):
        plan(world, on=today - timedelta(days=16))
    with pytest.raises(Refused, match="还没到这一天"):
        plan(world, on=today + timedelta(days=1))
    with pytest.raises(Refused, match="计划日期不能早于今天"):
        plan(world, on=today - timedelta(days=1), done=False)
    late = plan(world, on=today - timedelta(days=1))
    assert late.done_at is not None
    assert timezone.localtime(late.done_at).time().replace(second=0) == time(23, 59), "no hour: the day's end"
    early = plan(world, on=today - timedelta(days=1), at=time(9, 30))
    assert early.done_at is not None
    assert timezone.localtime(early.done_at).hour == 9


@pytest.mark.django_db
def test_only_the_union_s_own_cadres_go(world: World) -> None:
    with pytest.raises(Refused, match="不是本工会干部"):
        plan(world, who=("chair_alpha", "chair_beta"))
    actor, account = scene.chair(world)
    with pytest.raises(NotAllowed):
        visiting.plan(
            actor, organisation=world.unions["beta"], kind="call", on=timezone.localdate(),
            participants=[account], done=True, targets=[Target(employer=world.employers["beta"])],
        )  # fmt: skip


@pytest.mark.django_db
def test_a_visit_with_nobody_on_its_way_is_not_made(world: World) -> None:
    actor, _ = scene.chair(world)
    empty = plan(world, targets=[], done=False)
    with pytest.raises(Refused, match="还没有走访对象"):
        visiting.complete(actor, visit=empty)
    firm = Target(employer=world.employers["beta"])
    visiting.add_stops(actor, visit=empty, targets=[firm])
    with pytest.raises(Refused, match="已经在这次走访里"):
        visiting.add_stops(actor, visit=empty, targets=[firm])
    visiting.complete(actor, visit=empty)
    with pytest.raises(Refused, match="已经完成或取消"):
        visiting.complete(actor, visit=empty)
    with pytest.raises(Refused, match="只有还没进行的走访可以取消"):
        visiting.cancel(actor, visit=empty, reason="不去了")


@pytest.mark.django_db
def test_a_visit_meets_open_duties_of_its_line_only(world: World) -> None:
    duty = scene.duty(world)
    actor, account = scene.chair(world)
    family = [Target(person=world.people["alpha_2"])]
    other = visiting.plan(
        world.actor("chair_beta"), organisation=world.unions["beta"], kind="comfort",
        on=timezone.localdate(), participants=[world.accounts["chair_beta"]], targets=family, done=True,
    )  # fmt: skip
    assert VisitDuty.objects.everywhere(reason=WHY).get(pk=duty.pk).is_open, (
        "another union's visit is not ours"
    )
    mine = visiting.plan(
        actor, organisation=world.unions["alpha"], kind="comfort", on=timezone.localdate(),
        participants=[account], done=True, duty=duty,
    )  # fmt: skip
    met = VisitDuty.objects.everywhere(reason=WHY).get(pk=duty.pk)
    assert (met.state, met.visit_id) == ("met", mine.pk)
    assert other.pk != mine.pk
    with pytest.raises(Refused, match="完成了对它的必访任务"):
        visiting.remove_stop(actor, visit=mine, stop=mine.stops.everywhere(reason=WHY).get())


@pytest.mark.django_db
def test_a_visit_before_the_event_meets_nothing(world: World) -> None:
    actor, account = scene.chair(world)
    duty = scene.duty(world)
    visiting.plan(
        actor, organisation=world.unions["alpha"], kind="comfort", participants=[account], done=True,
        on=timezone.localdate() - timedelta(days=1), targets=[Target(person=world.people["alpha_2"])],
    )  # fmt: skip
    assert VisitDuty.objects.everywhere(reason=WHY).get(pk=duty.pk).is_open


@pytest.mark.django_db
def test_a_code_opens_only_visits_that_were_made(world: World) -> None:
    planned = plan(world, done=False)
    code = planned.stops.everywhere(reason=WHY).get().code.reveal()
    assert slips.stop_of(code) is None
    visiting.complete(scene.chair(world)[0], visit=planned)
    found = slips.stop_of(f" {code[:5]} {code[5:].lower()} ")
    assert found is not None
    assert found.visit_id == planned.pk
    with pytest.raises(Refused, match="不是评价码"):
        slips.stop_of("12345")


@pytest.mark.django_db
def test_pages_from_plan_to_write_up(world: World, signed_in: SignIn) -> None:
    client = signed_in("chair_alpha")
    form = {
        "organisation": world.unions["alpha"].pk, "kind": "call", "on": f"{timezone.localdate():%Y-%m-%d}",
        "participants": [world.accounts["chair_alpha"].pk], "firms": "江城博远\n没有的公司\n江城",
        "people": "欧阳娜\n张海林",
    }  # fmt: skip
    wrong = client.post(reverse("desk_visit_new"), form)
    assert wrong.status_code == 422
    text = wrong.content.decode()
    assert "“没有的公司”：没有登记过" in text
    assert "“江城”：有几个单位" in text, "all lines are told at once"
    made = client.post(reverse("desk_visit_new"), form | {"firms": "江城博远"})
    visit = Visit.objects.everywhere(reason=WHY).get()
    assert made["Location"] == reverse("desk_visit", args=[visit.pk])
    assert visit.stops.everywhere(reason=WHY).count() == 3
    shown = client.get(made["Location"]).content.decode()
    assert "走访完成" in shown
    assert "欧阳娜" in shown
    client.post(reverse("desk_visit_done", args=[visit.pk]), {"latitude": "30.592", "longitude": "114.305"})
    assert str(fresh(visit).latitude) == "30.592"
    firm = visit.stops.everywhere(reason=WHY).get(employer__isnull=False)
    write = {f"note_{one.pk}": "" for one in visit.stops.everywhere(reason=WHY)}
    client.post(
        reverse("desk_visit_write", args=[visit.pk]),
        write | {"summary": "一切正常。", f"met_{firm.pk}": "25"},
    )
    assert fresh(visit).state == "written"
    assert figures(world, "alpha", "workers_met", "families_reached") == {
        "outreach.workers_met": 27, "outreach.families_reached": 2
    }  # fmt: skip
    leader = signed_in("leader").get(reverse("desk_visit", args=[visit.pk])).content.decode()
    assert "欧阳娜" not in leader
    assert "欧*" in leader
    paper = signed_in("chair_alpha").get(reverse("desk_visit_slips", args=[visit.pk])).content.decode()
    assert paper.count("评价码 <b") == 3


@pytest.mark.django_db
def test_a_strange_name_names_nobody(world: World, signed_in: SignIn) -> None:
    """Whom one doesn't see can't be put on a visit."""
    client = signed_in("chair_alpha")
    form = {
        "organisation": world.unions["alpha"].pk, "kind": "call", "on": f"{timezone.localdate():%Y-%m-%d}",
        "participants": [world.accounts["chair_alpha"].pk], "people": "李建国",
    }  # fmt: skip
    assert "范围里没有这位会员" in client.post(reverse("desk_visit_new"), form).content.decode()


@pytest.mark.django_db
def test_who_is_ticked_twice_goes_once(world: World, signed_in: SignIn) -> None:
    who = world.accounts["chair_alpha"].pk
    form = {
        "organisation": world.unions["alpha"].pk, "kind": "call", "on": f"{timezone.localdate():%Y-%m-%d}",
        "participants": [who, who],
    }  # fmt: skip
    assert signed_in("chair_alpha").post(reverse("desk_visit_new"), form).status_code == 302
    assert Visit.objects.everywhere(reason=WHY).get().visitors.everywhere(reason=WHY).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["desk_visits", "desk_visit_items", "desk_visit_duties", "desk_contacts"])
def test_lists_ask_no_more_for_more_rows(
    world: World, signed_in: SignIn, name: str, django_assert_max_num_queries: Any
) -> None:
    scene.item(world)
    scene.duty(world)
    scene.point(world)
    client = signed_in("river_officer")
    with django_assert_max_num_queries(30) as one:
        assert client.get(reverse(name)).status_code == 200
    for number in range(3):
        scene.item(world)
        scene.duty(world, f"more:{number}")
    with django_assert_max_num_queries(len(one)):
        client.get(reverse(name))


@pytest.mark.django_db
def test_a_table_asks_the_same_for_any_size(
    world: World, signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    scene.item(world)
    client = signed_in("river_officer")
    address = reverse("desk_visit_table") + f"?under={world.unions['east'].code}"
    with django_assert_max_num_queries(30) as one:
        page = client.get(address).content.decode()
    assert "码头街道总工会" in page
    scene.item(world)
    with django_assert_max_num_queries(len(one)):
        client.get(address)
    assert client.get(reverse("desk_visit_table") + "?under=NONE").status_code == 404
    east = signed_in("east_officer")
    assert east.get(reverse("desk_visit_table") + f"?under={world.unions['west'].code}").status_code == 404


@pytest.mark.django_db
def test_a_figure_leads_to_as_many_records(world: World, signed_in: SignIn) -> None:
    scene.item(world)
    scene.duty(world)
    client = signed_in("river_officer")
    table = YearTable(world.unions["east"], world.actor("river_officer").access, timezone.localdate().year)
    page = client.get(reverse("desk_visit_table") + f"?under={world.unions['east'].code}").content.decode()
    for code in ("outreach.visits", "outreach.items", "outreach.duties"):
        one = registry.get(code)
        query = {"under": str(world.unions["pier"].code), "year": str(table.year), **one.list_query}
        address = f"{reverse(one.list_name)}?{urlencode(query)}"
        assert address.replace("&", "&amp;") in page
        below = next(row for row in table.units if row.organisation == world.unions["pier"])
        assert client.get(address).context["total"] == below.figures[code] == 1, code


@pytest.mark.django_db
def test_the_export_asks_what_for_and_is_journalled(world: World, signed_in: SignIn) -> None:
    from unionhall.records.models import JournalEntry

    scene.item(world)
    client = signed_in("chair_alpha")
    address = reverse("desk_visit_table_export")
    assert client.post(address, {}).status_code == 422
    answer = client.post(address, {"purpose": "年终考核"})
    assert answer.content[:2] == b"PK"
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="outreach.table_exported")
    assert entry.reason == "年终考核"


@pytest.mark.django_db
def test_a_photo_is_read_with_the_visit_only(world: World, signed_in: SignIn) -> None:
    from unionhall.records.models import Attachment, JournalEntry

    where = scene._photo(world)
    address = reverse("desk_visit_photo_open", kwargs=where)
    stored = Attachment.objects.everywhere(reason=WHY).get(purpose=visiting.PHOTO)
    chair = signed_in("chair_alpha")
    assert address in chair.get(reverse("desk_visit", args=[where["pk"]])).content.decode()
    assert b"".join(chair.get(address)) == b"x"
    assert chair.get(reverse("desk_attachment", args=[stored.pk])).status_code == 404, (
        "not even his own upload"
    )
    assert (
        chair.get(reverse("desk_visit_photo_open", args=[visit_other(world), where["photo"]])).status_code
        == 404
    )
    assert signed_in("chair_beta").get(address).status_code == 404
    assert JournalEntry.objects.everywhere(reason=WHY).filter(action="outreach.photo_opened").count() == 1


def visit_other(world: World) -> int:
    return plan(world).pk
