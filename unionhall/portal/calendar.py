"""Changing the working calendar: everyone's deadlines follow it, so only the whole federation's officers may."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from unionhall.foundation.actors import Actor
from unionhall.foundation.calendar_changes import changed
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import Holiday
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal

__all__ = ["PERMISSION", "add", "change", "may_change", "remove"]

PERMISSION = "portal.calendar"


def _top_paths() -> tuple[str, ...]:
    rows = Organisation.objects.everywhere(reason="the calendar belongs to the whole federation")
    return tuple(rows.filter(parent=None).values_list("path", flat=True)) or ("",)


def may_change(actor: Actor) -> bool:
    """Held over the top of the tree: a city's officer reads the calendar and cannot change it."""
    return actor.may(PERMISSION, *_top_paths())


def _note(actor: Actor, verb: str, day: date, detail: dict[str, object]) -> None:
    journal(
        actor, f"portal.holiday_{verb}", label=f"{day:%Y-%m-%d}", paths=_top_paths()[:1],
        detail={"day": day.isoformat()} | detail,
    )  # fmt: skip


@transaction.atomic
def add(actor: Actor, *, day: date, is_working_day: bool, name: str) -> Holiday:
    """Enter a day that departs from Monday–Friday. Raises Refused for one that is entered already."""
    actor.require(PERMISSION, *_top_paths())
    _meaningful(day, is_working_day)
    holiday, made = Holiday.objects.get_or_create(
        day=day, defaults={"is_working_day": is_working_day, "name": name}
    )
    if not made:
        raise Refused(f"{day:%Y-%m-%d} 已登记为“{holiday.name}”，请直接修改那一条。", field="day")
    _note(actor, "added", day, {"works": is_working_day, "name": name})
    changed(day)
    return holiday


@transaction.atomic
def change(actor: Actor, *, holiday: Holiday, is_working_day: bool, name: str) -> Holiday:
    """Rename a day or turn it from off to working."""
    actor.require(PERMISSION, *_top_paths())
    _meaningful(holiday.day, is_working_day)
    before = {"works": holiday.is_working_day, "name": holiday.name}
    holiday.is_working_day, holiday.name = is_working_day, name
    holiday.save(update_fields=["is_working_day", "name"])
    _note(actor, "changed", holiday.day, {"before": before, "works": is_working_day, "name": name})
    changed(holiday.day)
    return holiday


@transaction.atomic
def remove(actor: Actor, *, holiday: Holiday) -> None:
    """The day is an ordinary one again."""
    actor.require(PERMISSION, *_top_paths())
    _note(actor, "removed", holiday.day, {"works": holiday.is_working_day, "name": holiday.name})
    day = holiday.day
    holiday.delete()
    changed(day)


def _meaningful(day: date, is_working_day: bool) -> None:
    """A working Tuesday or a Sunday off says nothing that the week does not."""
    weekend = day.weekday() >= 5
    if is_working_day and not weekend:
        raise Refused("这一天是周一至周五，本来就上班，不需要登记调休上班。", field="day")
