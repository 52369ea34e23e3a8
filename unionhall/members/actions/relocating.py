"""Carrying the members of a whole union to another at once, when unions are merged, split or dissolved."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction

from unionhall.foundation.actors import Actor
from unionhall.organisations import tree
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal

from .. import tallying
from ..following import facts_changed_of
from ..models import Membership
from .placing import place_of, require_not_future, require_takes_members


@transaction.atomic
def relocate(
    actor: Actor,
    *,
    origin: Organisation,
    destination: Organisation,
    on: date,
    person_ids: Sequence[int] | None = None,
    standing: str = "",
) -> int:
    """Carry all open memberships of `origin` (or those of `person_ids`) to `destination` from `on`; in one statement.

    For merging and splitting unions: standing (unless another is given) and joining day go along, cards stay. Answers
    how many were carried.
    """
    tree.hold_for_change()
    here, there = place_of(origin), place_of(destination)
    actor.require("organisations.reorganise", *here.paths)
    require_not_future(on)
    require_takes_members(there, destination, on)
    held = Membership.objects.everywhere(reason="the members whom an approved change carries").current()
    held = held.filter(organisation=origin)
    if person_ids is not None:
        held = held.filter(person__in=person_ids)
    persons = list(held.values_list("person_id", flat=True))
    values: dict[str, Any] = {
        "origin": origin.pk, "destination": destination.pk, "on": on, "path": there.path,
        "second": there.second_path, "persons": persons, "standing": standing,
    }  # fmt: skip
    with tallying.of_persons(persons):
        count = _carry_over(values)
    facts_changed_of(persons)
    journal(
        actor,
        "members.relocate",
        subject=destination,
        paths=there.paths,
        detail={"from": origin.pk, "to": destination.pk, "on": on.isoformat(), "count": count},
    )
    return count


def _carry_over(values: dict[str, Any]) -> int:
    """The memberships of the chosen persons pass from one union to the other, in two statements."""
    with connection.cursor() as cursor:
        # Who joined on the very day, or later, never stood a day in the old union: that row moves as it is.
        cursor.execute(
            "UPDATE members_membership SET organisation_id = %(destination)s, path = %(path)s, "
            "second_path = %(second)s, standing = COALESCE(NULLIF(%(standing)s, ''), standing) "
            "WHERE organisation_id = %(origin)s AND upper_inf(period) "
            "AND lower(period) >= %(on)s AND person_id = ANY(%(persons)s)",
            values,
        )
        count = int(cursor.rowcount)
        cursor.execute(
            "WITH closed AS (UPDATE members_membership SET period = daterange(lower(period), %(on)s), "
            "exit = 'reorganisation' WHERE organisation_id = %(origin)s AND upper_inf(period) "
            "AND person_id = ANY(%(persons)s) RETURNING person_id, name, initials, standing, joined_on) "
            "INSERT INTO members_membership (person_id, organisation_id, path, second_path, name, initials, period, "
            "follows, standing, joined_on, entry, exit, exit_reason) "
            "SELECT person_id, %(destination)s, %(path)s, %(second)s, "
            "name, initials, daterange(%(on)s, NULL), %(on)s, COALESCE(NULLIF(%(standing)s, ''), standing), joined_on, "
            "'reorganisation', '', '' FROM closed",
            values,
        )
        return count + int(cursor.rowcount)
