"""The steps of a batch as tests take them, one call each, and an exact dump of what a batch writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.db import connection

from tests.world import World
from unionhall.foundation.actors import Actor, system_actor
from unionhall.members.intake import actions
from unionhall.members.models import RosterBatch, RosterRow

WHY = "test"
#: What differs between two commits of one file: keys, seals, numbers from sequences, moments.
VOLATILE = {
    "id", "person_id", "id_number", "phone", "batch_id", "member_number", "number", "created_at", "updated_at",
}  # fmt: skip
TABLES = ("members_person", "members_membership", "members_employment", "members_card")


def checked(
    world: World, path: Path, union: str = "alpha", actor: Actor | None = None, mapping: str = ""
) -> RosterBatch:
    batch = actions.receive(
        actor or system_actor(), organisation=world.unions[union], path=path, name=path.name, mapping=mapping,
        queue=False,
    )  # fmt: skip
    return actions.check(batch.pk)


def committed(batch: RosterBatch, actor: Actor | None = None) -> RosterBatch:
    actor = actor or system_actor()
    actions.ask_commit(actor, batch=batch, queue=False)
    return actions.commit(batch.pk, actor)


def undone(batch: RosterBatch) -> RosterBatch:
    actions.ask_undo(system_actor(), batch=batch, reason="传错了", queue=False)
    return actions.undo(batch.pk, system_actor(), reason="传错了")


def staged(batch: RosterBatch) -> dict[int, RosterRow]:
    rows = RosterRow.objects.everywhere(reason=WHY).filter(batch=batch)
    return {row.number: row for row in rows}


def messages(batch: RosterBatch) -> dict[int, list[str]]:
    return {
        number: [fault["message"] for fault in row.errors]
        for number, row in staged(batch).items()
        if row.errors
    }


def dump() -> dict[str, list[Any]]:
    """Every row of the tables that a batch writes, exactly."""
    found: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT to_jsonb(t) FROM {table} t ORDER BY id")
            found[table] = [row for (row,) in cursor.fetchall()]
    return found


def lasting() -> dict[str, list[dict[str, Any]]]:
    """The same rows without what differs between two commits of one file."""
    return {
        table: [{key: value for key, value in json.loads(row).items() if key not in VOLATILE} for row in rows]
        for table, rows in dump().items()
    }
