"""What goes out comes in again: an export, imported, changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import World
from unionhall.foundation.actors import system_actor
from unionhall.members.exports import write_workbook
from unionhall.members.intake import actions
from unionhall.members.intake.planting import write_roster
from unionhall.members.models import Membership

WHY = "test"


def exported(path: Path, world: World, name: str) -> int:
    rows = Membership.objects.everywhere(reason=WHY).current().under(world.unions[name])
    count, _ = write_workbook(path, rows.select_related("person", "organisation"), system_actor(), full=True)
    return count


def take_in(path: Path, world: World, name: str) -> dict[str, int]:
    batch = actions.receive(
        system_actor(), organisation=world.unions[name], path=path, name=path.name, queue=False
    )
    batch = actions.check(batch.pk)
    if batch.counts.get("new"):
        actions.ask_commit(system_actor(), batch=batch, queue=False)
        batch = actions.commit(batch.pk, system_actor())
    counts: dict[str, int] = batch.counts
    return counts


def test_the_worlds_own_members(world: World, tmp_path: Path) -> None:
    count = exported(tmp_path / "out.xlsx", world, "province")
    assert count == 7
    assert take_in(tmp_path / "out.xlsx", world, "province") == {"same": count}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.integers(1, 40), seed=st.integers(0, 10_000))
@pytest.mark.slow
def test_import_then_export_then_import_changes_nothing(
    rows: int, seed: int, world: World, tmp_path: Path
) -> None:
    path = tmp_path / f"{rows}-{seed}.csv"
    write_roster(path, rows, seed=seed)
    take_in(path, world, "gamma")
    out = tmp_path / f"{rows}-{seed}.xlsx"
    count = exported(out, world, "gamma")
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(updated_at) FROM members_person")
        before = cursor.fetchone()
        assert take_in(out, world, "gamma") == {"same": count}
        cursor.execute("SELECT max(updated_at) FROM members_person")
        assert cursor.fetchone() == before
