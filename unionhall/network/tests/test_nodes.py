"""A node from plan to demonstration: who moves it, what it needs, what stays behind."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.architecture import samples_network as scene
from tests.architecture import samples_services as services
from tests.world import World
from unionhall.benefits.actions.catalogue import save_outlet
from unionhall.benefits.models import Outlet
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import Holiday
from unionhall.network import nearness, opening, staffing
from unionhall.network.actions import nodes, states
from unionhall.network.actions import staffing as placing
from unionhall.network.models import Node, NodeStaff
from unionhall.records.models import JournalEntry

WHY = "test"
GIVEN: dict[str, Any] = {
    "name": "码头街道职工服务站", "level": 4, "kind": "station", "mode": "hall", "functions": ["rights", "service"],
    "build": "new", "employer": None, "partners": "", "division": "420103001", "address": "沿江路 8 号",
    "latitude": 30.6, "longitude": 114.3, "area": 86, "telephone": "027-82000000", "about": "",
    "open_on_holidays": False,
}  # fmt: skip


def entered(world: World, **more: Any) -> Node:
    return nodes.save_node(
        world.actor("pier_officer"), organisation=world.unions["pier"], node=None, given=GIVEN | more
    )


def reread(node: Node) -> Node:
    return Node.objects.everywhere(reason=WHY).select_related("organisation").get(pk=node.pk)


def test_from_plan_to_demonstration(world: World) -> None:
    own, above = world.actor("pier_officer"), world.actor("east_officer")
    node = entered(world)
    assert (node.state, node.code[:8]) == ("planned", "ZD420103")
    states.move(own, node=node, code="start")
    with pytest.raises(NotAllowed):
        states.accept(own, node=node, seen=["sign", "duty", "posted", "connected"], passed=True, opinion="")
    with pytest.raises(Refused, match="统一标识"):
        states.accept(above, node=node, seen=["duty", "posted", "connected"], passed=True, opinion="")
    states.accept(above, node=node, seen=["duty"], passed=False, opinion="补做标识")
    assert reread(node).state == "building"
    states.accept(above, node=node, seen=["sign", "duty", "posted", "connected"], passed=True, opinion="")
    with pytest.raises(Refused, match="开放时间"):
        states.move(own, node=node, code="open")
    nodes.set_hours(own, node=node, week={0: [(time(9), time(17))]})
    states.move(own, node=node, code="open")
    with pytest.raises(NotAllowed):
        states.move(own, node=node, code="name", opinion="自己命名")
    with pytest.raises(Refused, match="理由"):
        states.move(above, node=node, code="name")
    states.move(above, node=node, code="name", opinion="年度评比第一")
    found = reread(node)
    today = timezone.localdate()
    assert (found.state, found.opened_on, found.demonstration_on) == ("demonstration", today, today)
    verbs = list(found.events.values_list("verb", "after"))
    assert [verb for verb, _ in verbs] == ["entered", "start", "refused", "accept", "hours", "open", "name"]
    refused, passed = found.acceptances.order_by("pk")
    assert ([one["code"] for one in refused.items if not one["met"]], passed.passed) == (
        ["sign", "posted", "connected"], True,
    )  # fmt: skip
    assert passed.scheme.startswith("network 42 ")
    entries = JournalEntry.objects.everywhere(reason=WHY).filter(
        subject_id=node.pk, action__startswith="network"
    )
    assert entries.filter(action="network.node_accepted").count() == 2


def test_what_was_suspended_goes_on_as_what_it_was(world: World) -> None:
    own = world.actor("chair_alpha")
    node = scene.node(world, "upgraded")
    with pytest.raises(Refused, match="理由"):
        states.move(own, node=node, code="suspend")
    states.move(own, node=node, code="suspend", opinion="装修")
    assert not Node.objects.everywhere(reason=WHY).receiving().exists()
    states.move(own, node=node, code="resume", opinion="装修完成")
    assert reread(node).state == "upgraded"
    with pytest.raises(Refused, match="不能这样变动"):
        states.move(own, node=node, code="start")


def test_a_home_needs_its_firm_and_its_size(world: World) -> None:
    with pytest.raises(Refused, match="所在单位"):
        entered(world, mode="home")
    firm = world.employers["alpha"]
    firm.employees = 99
    firm.women = 0
    firm.save()
    with pytest.raises(Refused, match="100 人以上"):
        entered(world, mode="home", employer=firm)
    firm.employees = 100
    firm.save()
    assert entered(world, mode="home", employer=firm).employer == firm


def test_five_stations_in_one_name_all_five(world: World) -> None:
    with pytest.raises(Refused, match="共青团、妇联"):
        entered(world, mode="five", partners="社区服务、党建、工会")
    assert entered(world, mode="five", partners="社区服务、党建、工会、共青团、妇联").mode == "five"


@pytest.mark.parametrize("who", ["chair_beta", "gorge_officer", "leader"])
def test_others_enter_nothing(world: World, who: str) -> None:
    with pytest.raises(NotAllowed):
        nodes.save_node(world.actor(who), organisation=world.unions["pier"], node=None, given=GIVEN)


# Opening and nearness in the database ---------------------------------------------------------------------------------


def open_now(at: Any) -> list[Node]:
    return list(opening.open_at(Node.objects.everywhere(reason=WHY), at))


def test_the_list_and_the_words_agree_on_what_is_open(world: World) -> None:
    """Asked of every hour of three weeks with a holiday, a made-up Saturday and an exception."""
    node = scene.node(world, open_on_holidays=False)
    node.hours.filter(weekday__gte=5).delete()
    monday = timezone.localdate() + timedelta(days=-timezone.localdate().weekday())
    Holiday.objects.update_or_create(day=monday + timedelta(days=2), defaults={"is_working_day": False})
    Holiday.objects.update_or_create(day=monday + timedelta(days=5), defaults={"is_working_day": True})
    node.exceptions.create(on=monday + timedelta(days=3), opens=None, closes=None)
    node.exceptions.create(on=monday + timedelta(days=6), opens=time(10), closes=time(12))
    midnight = timezone.make_aware(datetime.combine(monday, time()))
    for step in range(0, 8 * 24, 5):
        moment = timezone.localtime(midnight + timedelta(hours=step))
        (said,) = opening.openings([node], moment).values()
        assert said.is_open is bool(open_now(moment)), f"{moment:%a %H:%M}"


def test_the_nearest_first_and_a_street_has_its_middle(world: World) -> None:
    near, far = scene.node(world), scene.node(world, latitude=30.62, division="420103002")
    scene.node(world, "suspended", latitude=30.601)
    rows: Any = nearness.near(Node.objects.everywhere(reason=WHY), 30.601, 114.3, 5)
    assert [(one.pk, one.metres) for one in rows.order_by("metres", "pk")] == [(near.pk, 111), (far.pk, 2113)]
    assert nearness.middle_of("420103002") == (30.62, 114.3)
    assert nearness.middle_of("420103999") == (30.607, 114.3)
    assert nearness.middle_of("110101001") is None
    assert nearness.reach_for(Node.objects.everywhere(reason=WHY), 30.6, 114.3) == 300


# People ---------------------------------------------------------------------------------------------------------------


def test_the_node_of_a_clerk(world: World) -> None:
    own, account = world.actor("pier_officer"), world.accounts["clerk"]
    assert staffing.node_of(account) is None
    first, second = entered(world), entered(world, name="二站")
    placing.place(own, node=first, name="王敏", role="manager", account=account)
    held = placing.place(own, node=second, name="王敏", role="clerk", account=account)
    assert staffing.node_of(account) == second
    with pytest.raises(Refused, match="已在岗"):
        placing.place(own, node=first, name="王敏", role="clerk", account=account)
    with pytest.raises(Refused, match="要有账号"):
        placing.place(own, node=first, name="李强", role="clerk", account=None)
    placing.end(own, staff=held)
    assert staffing.node_of(account) == first
    assert NodeStaff.objects.everywhere(reason=WHY).get(pk=held.pk).until == timezone.localdate()
    with pytest.raises(Refused, match="已经离岗"):
        placing.end(own, staff=held)


def test_an_exception_is_replaced_not_doubled(world: World) -> None:
    own, node = world.actor("chair_alpha"), scene.node(world)
    day = timezone.localdate() + timedelta(days=1)
    for opens, closes in ((None, None), (time(10), time(12))):
        nodes.set_exception(own, node=node, on=day, opens=opens, closes=closes, reason="")
    (only,) = node.exceptions.all()
    assert only.opens == time(10)
    with pytest.raises(Refused, match="已经过去"):
        nodes.set_exception(own, node=node, on=date(2020, 1, 1), opens=None, closes=None, reason="")


# Benefits lean on it --------------------------------------------------------------------------------------------------


def test_a_counter_stands_where_its_station_stands(world: World) -> None:
    node = scene.node(world)
    place = services.outlet(world)
    given = {"name": "站内窗口", "address": "x", "division": "420103", "node": node, "is_open": True}
    counter = save_outlet(world.actor("river_officer"), merchant=place.merchant, outlet=None, given=given)
    assert (counter.address, counter.latitude) == (node.address, 30.6)
    assert counter.opening == "周一至周日 08:00-20:00"
    moved = {name: getattr(node, name) for name in nodes.FIELDS} | {"address": "新路 1 号", "latitude": 30.7}
    nodes.save_node(world.actor("chair_alpha"), organisation=node.organisation, node=node, given=moved)
    found = Outlet.objects.everywhere(reason=WHY).get(pk=counter.pk)
    assert (found.address, found.latitude) == ("新路 1 号", 30.7)
