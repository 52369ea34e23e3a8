"""Samples of the network: a node of the union `alpha` with its parts, a cell, an item its worker reported."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

from django.utils import timezone

from tests.world import World
from unionhall.network.models import (
    GridCell,
    GridItem,
    GridStep,
    GridUnit,
    GridWorker,
    NetworkPlan,
    Node,
    NodeException,
    NodeHours,
    NodeImport,
    NodeStaff,
    PlanTarget,
)

UNION, OWNER = "alpha", "worker_alpha"


def node(world: World, state: str = "operating", union: str = UNION, **more: Any) -> Node:
    """A station that is open every day of the week from eight to eight, holidays too."""
    number = Node.objects.everywhere(reason="test fixture").count() + 1
    given = {
        "code": f"ZD420103{number:05d}", "name": f"职工服务站{number}", "level": 5, "kind": "station",
        "functions": ["rights", "service"], "address": "江东区沿江路 8 号", "division": "420103001",
        "latitude": 30.6, "longitude": 114.3, "area": 86, "telephone": "027-82000000", "open_on_holidays": True,
        "opened_on": date(2024, 5, 1) if state in ("operating", "upgraded", "demonstration") else None,
    }  # fmt: skip
    found = Node.objects.create(organisation=world.unions[union], state=state, **given | more)
    NodeHours.objects.bulk_create(
        [NodeHours(node=found, weekday=day, opens=time(8), closes=time(20)) for day in range(7)]
    )
    return found


def exception(world: World) -> NodeException:
    tomorrow = timezone.localdate() + timedelta(days=1)
    return NodeException.objects.create(node=node(world), on=tomorrow, reason="停电")


def staff(world: World) -> NodeStaff:
    return NodeStaff.objects.create(
        node=node(world), name="王敏", role="clerk", account=world.accounts["officer_alpha"]
    )


def plan(world: World, union: str = UNION) -> NetworkPlan:
    year = timezone.localdate().year
    found = NetworkPlan.objects.create(
        organisation=world.unions[union], title="五年规划", first_year=year, last_year=year + 4
    )
    PlanTarget.objects.create(plan=found, year=year, kind="station", measure="new", number=2)
    return found


def reading(world: World) -> NodeImport:
    return NodeImport.objects.create(
        organisation=world.unions[UNION], name="站点.xlsx", uploaded_by="示例",
        faults=[{"row": 3, "label": "东站", "wrong": "地址没有填写", "cells": {"name": "东站"}}],
    )  # fmt: skip


def cell(world: World, union: str = UNION) -> GridCell:
    """With one firm, and the worker of `alpha` looking after it."""
    found = GridCell.objects.create(
        code=f"WG-{union}", name="沿江网格", organisation=world.unions[union], division="420103001"
    )
    GridUnit.objects.create(cell=found, employer=world.employers["alpha"])
    GridWorker.objects.create(cell=found, account=world.accounts[OWNER], name="张海林")
    return found


def item(world: World, union: str = UNION) -> GridItem:
    place = cell(world, union)
    found = GridItem.objects.create(
        number="WG20260101000001", cell=place, employer=world.employers["alpha"], kind="safety",
        found="仓库消防通道堆放货物", origin=place.organisation, organisation=place.organisation,
        due_on=timezone.localdate(), reported_by_id=world.accounts[OWNER].pk, reported_by="张海林",
    )  # fmt: skip
    GridStep.objects.create(
        item=found, verb="reported", organisation=place.organisation, actor_name="张海林", due_on=found.due_on
    )
    return found


def by_pk(make: Callable[[World], Any], **more: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"pk": make(world).pk, **more}


def by_code(world: World) -> dict[str, Any]:
    return {"slug": node(world).code}


#: Address → what makes its arguments. Stations are public; the phone's items are the worker's own.
NETWORK: dict[str, Callable[[World], dict[str, Any]]] = {
    **dict.fromkeys(("public_station", "public_station_print", "m_station"), by_code),
    **dict.fromkeys(
        (
            "desk_node", "desk_node_edit", "desk_node_hours", "desk_node_exception_new", "desk_node_staff_new",
        ),
        by_pk(node),
    ),
    "desk_node_move": by_pk(node, code="suspend"),
    "desk_node_decide": by_pk(node, code="name"),
    "desk_node_accept": by_pk(lambda world: node(world, "building")),
    "desk_node_exception_remove": by_pk(exception),
    "desk_node_staff_end": by_pk(staff),
    **dict.fromkeys(("desk_network_plan", "desk_network_plan_edit"), by_pk(plan)),
    **dict.fromkeys(("desk_nodes_reading", "desk_nodes_errors"), by_pk(reading)),
    **dict.fromkeys(
        ("desk_grid_cell", "desk_grid_edit", "desk_grid_units", "desk_grid_worker"), by_pk(cell)
    ),
    "desk_grid_item": by_pk(item),
    "desk_grid_act": by_pk(item, verb="close"),
    **dict.fromkeys(("m_grid_item", "m_grid_withdraw"), by_pk(item)),
}  # fmt: skip
PUBLIC = ("public_station", "public_station_print", "m_station")
