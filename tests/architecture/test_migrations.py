"""Migrations after the release hold nobody up: docs/migrations.md, enforced; each rule catches its violation."""

from typing import Any

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

from .floors import ROOT
from .migration_rules import ALLOWED, broken, findings


def test_no_migration_stops_people_who_work() -> None:
    found = findings(MigrationLoader(None))
    assert [str(one) for one in found if (one.app, one.migration) not in ALLOWED] == []


def test_what_is_allowed_exists_and_says_why() -> None:
    loader = MigrationLoader(None)
    assert [name for name in ALLOWED if name not in loader.disk_migrations] == []
    assert all(len(why) > 30 for why in ALLOWED.values())


def made(*operations: Operation, atomic: bool = True) -> migrations.Migration:
    kind = type("Made", (migrations.Migration,), {"operations": list(operations), "atomic": atomic})
    found: migrations.Migration = kind("0099_next", "members")
    return found


INDEX = models.Index(fields=["name"], name="x")
CARD: models.Field[Any, Any] = models.ForeignKey("members.Card", models.CASCADE, null=True)
CHECK = models.CheckConstraint(condition=models.Q(name__gt=""), name="x")


@pytest.mark.parametrize(
    ("operation", "rule"),
    [
        (migrations.RunPython(migrations.RunPython.noop), "RunPython"),
        (migrations.RunSQL("UPDATE members_person SET name = name"), "RunSQL UPDATE"),
        (migrations.RunSQL("CREATE INDEX x ON members_person (name)"), "CONCURRENTLY"),
        (migrations.RemoveField("person", "name"), "RemoveField"),
        (migrations.DeleteModel("person"), "DeleteModel"),
        (migrations.RenameField("person", "name", "called"), "RenameField"),
        (migrations.AddIndex("person", INDEX), "AddIndex"),
        (migrations.AddConstraint("person", CHECK), "AddConstraint"),
        (migrations.AddField("person", "x", models.IntegerField(default=0)), "NOT NULL"),
        (migrations.AddField("person", "x", models.IntegerField(null=True, db_index=True)), "index"),
        (migrations.AddField("person", "x", CARD), "foreign key"),
        (migrations.AlterField("person", "name", models.TextField()), "AlterField"),
        (AddIndexConcurrently("person", INDEX), "atomic"),
    ],
)  # fmt: skip
def test_a_violation_is_caught(operation: Operation, rule: str) -> None:
    found = broken("members", made(operation))
    assert len(found) == 1
    assert rule in found[0]


def test_what_holds_nobody_up_is_let_through() -> None:
    made_well = made(
        AddIndexConcurrently("person", INDEX),
        AddConstraintNotValid("person", CHECK),
        migrations.AddField("person", "x", models.IntegerField(default=0, db_default=0)),
        migrations.AddField("person", "y", models.IntegerField(null=True)),
        migrations.CreateModel("Fresh", [("id", models.BigAutoField(primary_key=True))]),
        migrations.AddIndex("fresh", INDEX),
        atomic=False,
    )
    assert broken("members", made_well) == []


def test_the_document_names_each_rule() -> None:
    text = (ROOT / "docs/migrations.md").read_text()
    for word in ("AddIndexConcurrently", "db_default", "NOT VALID", "RunPython", "RemoveField", "ALLOWED"):
        assert word in text
