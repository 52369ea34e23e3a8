"""Migrating with fewer classes made is migrating by the same statements, and code in between sees every relation."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from unionhall.foundation.drawing import drawn_once

seen: list[set[str]] = []


def look(apps: Any, editor: Any) -> None:
    """What code in the middle of a migration finds: relations in both directions, of one and the same classes."""
    union, member = apps.get_model("drawn", "Union"), apps.get_model("drawn", "Member")
    assert member._meta.get_field("union").related_model is union
    seen.append({field.name for field in union._meta.get_fields()})


def operations() -> Sequence[Operation]:
    key = ("id", models.BigAutoField(primary_key=True))
    code = ("code", models.CharField(max_length=5, unique=True))
    return [
        migrations.CreateModel("Union", [key, code]),
        migrations.CreateModel("Member", [key, ("union", models.ForeignKey("drawn.Union", models.CASCADE))]),
        migrations.AddConstraint(
            "Member",
            models.UniqueConstraint(fields=["union"], name="drawn_once", condition=models.Q(pk__gt=0)),
        ),
        migrations.AddIndex("Member", models.Index(fields=["union"], name="member_by_union")),
        migrations.RunPython(look, look),
        migrations.AddField("Member", "name", models.CharField(max_length=9, default="")),
        migrations.CreateModel(
            "Card",
            [key, ("member", models.OneToOneField("drawn.Member", models.CASCADE, related_name="card"))],
        ),
        migrations.AlterField("Member", "name", models.CharField(max_length=9, unique=True)),
        migrations.RunPython(look, look),
        migrations.RemoveConstraint("Member", "drawn_once"),
    ]


def statements(way: AbstractContextManager[None]) -> list[str]:
    """Carried out for good within the test's transaction, so that each step finds what the last one made."""
    state, found = ProjectState(), []
    assert state.apps is not None
    with way, connection.schema_editor() as editor:
        editor.deferred_sql.clear()
        execute = editor.execute

        def told(sql: Any, params: Any = ()) -> None:
            found.append(str(sql))
            execute(sql, params)

        editor.execute = told  # type: ignore[method-assign]
        for operation in operations():
            before = state.clone()
            operation.state_forwards("drawn", state)
            operation.database_forwards("drawn", editor, before, state)
        for model in ("card", "member", "union"):
            editor.delete_model(state.apps.get_model("drawn", model))
        found += [str(sql) for sql in editor.deferred_sql]
    return found


@pytest.mark.django_db
def test_the_same_statements_and_the_same_relations() -> None:
    seen.clear()
    whole, drawn = statements(nullcontext()), statements(drawn_once())
    assert drawn == whole
    assert len(whole) > 8
    assert seen == [{"id", "code", "member"}] * 4
