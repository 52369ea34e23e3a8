"""A visit of the union `alpha` with a firm and a family on its way, a problem of the worker's, a duty, a contact."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.utils import timezone

from tests.world import World
from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.outreach.actions import contacts, duties, items, visiting
from unionhall.outreach.actions.holding import Target
from unionhall.outreach.models import (
    ContactPoint,
    DifficultFirm,
    RatingCheck,
    Visit,
    VisitDuty,
    VisitItem,
    VisitRating,
    VisitStop,
)
from unionhall.records.uploads import Upload

from .sample import OWNER, UNION, Sample

WHY = "sample"


def chair(world: World) -> tuple[Actor, Account]:
    return world.actor("chair_alpha"), world.accounts["chair_alpha"]


def visit(world: World, *, done: bool = True) -> Visit:
    actor, account = chair(world)
    return visiting.plan(
        actor, organisation=world.unions[UNION], kind="call", on=timezone.localdate(), participants=[account],
        targets=[Target(employer=world.employers[UNION]), Target(person=world.people["alpha_1"])], done=done,
    )  # fmt: skip


def stop(world: World, *, family: bool = True) -> VisitStop:
    rows = VisitStop.objects.everywhere(reason=WHY).select_related("visit")
    return rows.get(visit=visit(world), person__isnull=not family)


def item(world: World, *, settled: bool = False, family: bool = True) -> VisitItem:
    """Of the worker at home, or of the firm; owed by the officer of the union."""
    actor, _ = chair(world)
    place = stop(world, family=family)
    found = items.open_item(
        actor, visit=place.visit, stop=place, category="wages", title="加班费没有按时发",
        owner=world.accounts["officer_alpha"],
    )  # fmt: skip
    return items.settle(actor, item=found, reply="已经补发。") if settled else found


def duty(world: World, key: str = "sample:1") -> VisitDuty:
    actor, _ = chair(world)
    found = duties.open_duty(
        actor, trouble="injury", key=key, source="手工登记", because="在车间受伤",
        organisation=world.unions[UNION], person=world.people["alpha_2"],
    )  # fmt: skip
    assert found is not None
    return found


def point(world: World) -> ContactPoint:
    actor, account = chair(world)
    return contacts.name_contact(
        actor,
        account=account,
        organisation=world.unions[UNION],
        target=Target(employer=world.employers[UNION]),
    )


def firm(world: World) -> DifficultFirm:
    actor, _ = chair(world)
    return contacts.declare_firm(
        actor, employer=world.employers[UNION], organisation=world.unions[UNION], reason="orders",
        level="serious", statement="订单减半，放假两个月。",
    )  # fmt: skip


def _pk(make: Callable[[World], Any]) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"pk": make(world).pk}


def _stop(world: World) -> dict[str, Any]:
    found = stop(world, family=False)
    return {"pk": found.visit_id, "stop": found.pk}


def _photo(world: World) -> dict[str, Any]:
    actor, _ = chair(world)
    made = visiting.add_photo(
        actor, visit=visit(world), photo=Upload("a.jpg", "image/jpeg", 1, BytesIO(b"x"))
    )
    return {"pk": made.visit_id, "photo": made.pk}


def check(world: World) -> RatingCheck:
    """Of a rating that a firm gave by its slip."""
    made = VisitRating.objects.create(item=item(world, settled=True, family=False), stars=5, source="slip")
    return RatingCheck.objects.create(rating=made, due_on=timezone.localdate())


def _slip(world: World) -> dict[str, Any]:
    return {"code": stop(world).code.reveal()}


def _slip_rate(world: World) -> dict[str, Any]:
    found = item(world, settled=True, family=False)
    assert found.stop is not None
    return {"code": found.stop.code.reveal(), "item": found.pk}


_VISIT = ("", "_stops", "_done", "_write", "_day", "_cancel", "_photo", "_slips", "_item_new")
_ARGUMENTS: dict[str, Callable[[World], dict[str, Any]]] = {
    **{f"desk_visit{name}": _pk(visit) for name in _VISIT},
    "desk_visit_stop_remove": _stop,
    **{f"desk_visit_item{name}": _pk(item) for name in ("", "_reply", "_assign", "_hand", "_urge")},
    **{f"desk_visit_duty{name}": _pk(duty) for name in ("", "_assign", "_urge", "_explain", "_void")},
    "desk_visit_check": _pk(check),
    "desk_visit_photo_open": _photo,
    "desk_contact_end": _pk(point),
    "desk_difficult_firm_leave": _pk(firm),
    "m_visit_item": _pk(item),
    "m_visit_item_rate": lambda world: {"pk": item(world, settled=True).pk},
    "public_visit_slip": _slip,
    "public_visit_slip_rate": _slip_rate,
}


def _sample(name: str) -> Callable[[World], Sample]:
    """All stand in the union; those of the phone are the worker's, a slip is whoever's holds it."""
    make, owner = _ARGUMENTS[name], OWNER if name.startswith("m_") else ""
    return lambda world: Sample(make(world), () if owner else world.unions[UNION].paths, owner)


OUTREACH = {name: _sample(name) for name in _ARGUMENTS}
