"""The grid: firms in one cell, items reported by who looks after it, passed up and down with clock and chain."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.architecture import samples_network as scene
from tests.world import World
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import Holiday
from unionhall.network.actions import grid, items
from unionhall.network.models import GridItem, GridUnit
from unionhall.records.models import Message

WHY = "test"
SignIn = Callable[[str], Client]


def reported(world: World, who: str = "worker_alpha", **more: Any) -> GridItem:
    cell = more.pop("cell", None) or scene.cell(world, "pier")
    given: dict[str, Any] = {
        "kind": "wages",
        "found": "拖欠三名工人两个月工资，电话 13800001234",
        "employer": world.employers["alpha"],
    }
    return items.report(world.actor(who), cell=cell, **given | more)


def reread(item: GridItem) -> GridItem:
    return GridItem.objects.everywhere(reason=WHY).select_related("organisation", "origin").get(pk=item.pk)


def test_up_two_levels_back_and_closed(world: World) -> None:
    item = reported(world)
    calendar = Holiday.objects.calendar()
    assert item.due_on == calendar.add_working_days(timezone.localdate(), 2)
    assert "13800001234" not in item.found
    street, county, city = (world.actor(who) for who in ("pier_officer", "east_officer", "river_officer"))
    items.take(street, item=item)
    with pytest.raises(Refused, match="已经有人受理"):
        items.take(street, item=item)
    items.raise_up(street, item=item, opinion="涉及劳务分包，请区里协调")
    with pytest.raises(NotAllowed):
        items.close(street, item=item, outcome="越级办结")
    items.raise_up(county, item=item, opinion="总包在市里")
    found = reread(item)
    assert (found.organisation, found.raised, found.state) == (world.unions["river_city"], 2, "open")
    items.reply(city, item=item, opinion="总包同意先付")
    items.reply(county, item=item, opinion="请街道跟进到账")
    with pytest.raises(Refused, match="不是别的工会转来的"):
        items.reply(street, item=item, opinion="再退")
    items.close(street, item=item, outcome="三人工资已到账")
    found = reread(item)
    assert (found.organisation, found.state, found.outcome) == (
        world.unions["pier"],
        "closed",
        "三人工资已到账",
    )
    chain = [(one.verb, one.organisation.short_name) for one in found.steps.select_related("organisation")]
    assert chain == [
        ("reported", "pier"), ("taken", "pier"), ("raised", "east"), ("raised", "river_city"),
        ("replied", "east"), ("replied", "pier"), ("closed", "pier"),
    ]  # fmt: skip
    with pytest.raises(Refused, match="已经办结"):
        items.raise_up(street, item=item, opinion="再报")
    told = Message.objects.everywhere(reason=WHY)
    (letter,) = told.filter(recipient_id=world.accounts["worker_alpha"].pk)
    assert letter.url == reverse("m_grid_item", args=[item.pk])
    assert told.filter(recipient_id=world.accounts["east_officer"].pk).count() == 2


def test_both_chains_go_up_and_work_goes_down(world: World) -> None:
    item = reported(world, cell=scene.cell(world))
    items.raise_up(world.actor("chair_alpha"), item=item, opinion="行业性问题", industry=True)
    assert reread(item).organisation == world.unions["transport"]
    with pytest.raises(Refused, match="只能交给下级"):
        items.lower(world.actor("transport_officer"), item=item, to=world.unions["beta"], opinion="请办")
    items.lower(world.actor("transport_officer"), item=item, to=world.unions["alpha"], opinion="请办")
    found = reread(item)
    assert (found.organisation, found.raised) == (world.unions["alpha"], 1)
    assert items.sender_of(found) == world.unions["transport"]


def test_below_sees_what_went_up_and_others_do_not(world: World) -> None:
    item = reported(world)
    items.raise_up(world.actor("pier_officer"), item=item, opinion="请区里办")
    seen = {
        who: GridItem.objects.visible_to(world.actor(who).access).filter(pk=item.pk).exists()
        for who in ("pier_officer", "east_officer", "river_officer", "chair_alpha", "gorge_officer")
    }
    assert seen == {
        "pier_officer": True, "east_officer": True, "river_officer": True, "chair_alpha": False,
        "gorge_officer": False,
    }  # fmt: skip


def test_who_may_report(world: World) -> None:
    cell = scene.cell(world, "pier")
    for who in ("worker_beta", "chair_gamma", "leader"):
        with pytest.raises(NotAllowed):
            reported(world, who, cell=cell)
    with pytest.raises(Refused, match="不在所选网格"):
        reported(world, cell=cell, employer=world.employers["gamma"])
    with pytest.raises(Refused, match="没有这种事项"):
        reported(world, cell=cell, kind="nonsense")
    assert reported(world, "pier_officer", cell=cell).reported_by_id == world.accounts["pier_officer"].pk


def test_taken_back_only_while_nobody_has_seen_to_it(world: World) -> None:
    item = reported(world)
    with pytest.raises(NotAllowed):
        items.withdraw(world.actor("worker_beta"), item=item, opinion="")
    items.take(world.actor("pier_officer"), item=item)
    with pytest.raises(Refused, match="已经在处理"):
        items.withdraw(world.actor("worker_alpha"), item=item, opinion="")


def test_nor_after_it_was_passed_down_or_noted(world: World, signed_in: SignIn) -> None:
    street, cell = world.actor("pier_officer"), scene.cell(world, "pier")
    lowered, noted = reported(world, cell=cell), reported(world, cell=cell)
    items.take(street, item=lowered)
    items.lower(street, item=lowered, to=world.unions["alpha"], opinion="请企业工会核实")
    items.hand(street, item=noted, to="诉求 SQ1")
    client = signed_in("worker_alpha")
    for item in (lowered, noted):
        with pytest.raises(Refused, match="已经在处理"):
            items.withdraw(world.actor("worker_alpha"), item=item, opinion="")
        page = client.get(reverse("m_grid_item", args=[item.pk])).content.decode()
        assert reverse("m_grid_withdraw", args=[item.pk]) not in page


def test_a_firm_stands_in_one_cell(world: World) -> None:
    first = scene.cell(world, "pier")
    own = world.actor("east_officer")
    second = grid.save_cell(
        own, organisation=world.unions["pier"], cell=None,
        given={"code": "WG2", "name": "东网格", "division": "420103001", "node": None, "is_active": True},
    )  # fmt: skip
    assert grid.set_units(
        own, cell=second, employers=[world.employers["alpha"], world.employers["beta"]]
    ) == (2, 0)
    rows = GridUnit.objects.everywhere(reason=WHY)
    assert list(rows.filter(until=None).values_list("cell", flat=True)) == [second.pk, second.pk]
    assert rows.filter(cell=first, until=timezone.localdate()).count() == 1
    with pytest.raises(Refused, match="相同编号"):
        grid.save_cell(own, organisation=world.unions["pier"], cell=None, given={"code": "WG2", "name": "x"})
    grid.set_worker(own, cell=second, account=world.accounts["worker_beta"], name="李建国")
    grid.set_worker(own, cell=second, account=world.accounts["worker_alpha"], name="张海林")
    assert [one.name for one in second.workers.filter(until=None)] == ["张海林"]
    with pytest.raises(NotAllowed):
        grid.set_units(world.actor("chair_beta"), cell=second, employers=[])


# Pages ----------------------------------------------------------------------------------------------------------------


def test_the_worker_reports_on_the_phone(world: World, signed_in: SignIn) -> None:
    cell = scene.cell(world, "pier")
    client = signed_in("worker_alpha")
    assert "沿江网格" in client.get(reverse("m_grid")).content.decode()
    given = {
        "where": cell.pk,
        "kind": "safety",
        "employer": world.employers["alpha"].pk,
        "found": "消防通道堵了",
    }
    page = client.post(reverse("m_grid_report"), given, follow=True)
    html = page.content.decode()
    assert "消防通道堵了" in html
    assert "码头街道总工会处理" in html
    item = GridItem.objects.everywhere(reason=WHY).get()
    client.post(reverse("m_grid_withdraw", args=[item.pk]))
    assert reread(item).state == "withdrawn"
    twice = client.post(reverse("m_grid_withdraw", args=[item.pk]), follow=True)
    assert "已经办结" in twice.content.decode()  # said on the item's page, as the verb has none
    assert signed_in("worker_beta").get(reverse("m_grid_report")).status_code == 404
    assert "没有负责的网格" in signed_in("worker_beta").get(reverse("m_grid")).content.decode()


def test_the_desk_passes_it_on_and_closes_it(world: World, signed_in: SignIn) -> None:
    item = reported(world)
    client = signed_in("pier_officer")
    html = client.get(reverse("desk_grid_item", args=[item.pk])).content.decode()
    assert "上报江东区总工会" in html
    assert "上报江城市交通运输工会" not in html

    def act(verb: str) -> str:
        return reverse("desk_grid_act", args=[item.pk, verb])

    assert client.post(act("raise"), {"opinion": ""}).status_code == 422
    client.post(act("raise"), {"opinion": "请区里协调"})
    assert client.get(act("close")).status_code == 404
    upper = signed_in("east_officer")
    assert "网格事项待处理" in upper.get(reverse("desk_home")).content.decode()
    upper.post(act("lower"), {"to": world.unions["alpha"].code, "opinion": "请企业工会核实"})
    chair = signed_in("chair_alpha")
    assert "回复江东区总工会" in chair.get(reverse("desk_grid_item", args=[item.pk])).content.decode()
    chair.post(act("reply"), {"opinion": "属实，已付"})
    signed_in("east_officer").post(act("close"), {"opinion": "工资已付清"})
    assert reread(item).state == "closed"
    assert (
        "工资已付清"
        in signed_in("pier_officer").get(reverse("desk_grid_item", args=[item.pk])).content.decode()
    )


@pytest.mark.parametrize("name", ["desk_grid", "desk_grid_items"])
def test_lists_cost_the_same_at_one_row_and_at_three(world: World, signed_in: SignIn, name: str) -> None:
    item = scene.item(world)
    assert item.cell is not None
    client = signed_in("east_officer")
    client.get(reverse(name))
    counts = []
    for more in (0, 2):
        for number in range(more):
            item.pk, item.number = None, f"WG2026010100001{number}"
            item.save(force_insert=True)
            item.cell.pk, item.cell.code = None, f"WG-more{number}"
            item.cell.save(force_insert=True)
        with CaptureQueriesContext(connection) as found:
            client.get(reverse(name))
        counts.append(len(found))
    assert counts[0] == counts[1] <= 16
