"""The rules of docs/migrations.md, asked of operations: what would stop people who work, or code that still runs.

Only migrations newer than the last release are looked at; a table made after it is empty when it is made.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.models import NOT_PROVIDED

#: The number of the last migration of each room in release 0.1.0.
RELEASED = {
    "access": 2, "foundation": 1, "members": 3, "organisations": 1, "organising": 2, "records": 2, "reviews": 2,
    "rulebook": 1,
}  # fmt: skip

#: Tables that grow with the people of a province: a lock or a rewrite is felt.
BIG = frozenset(
    {
        ("members", "person"), ("members", "membership"), ("members", "employment"), ("members", "card"),
        ("members", "rosterrow"), ("members", "consent"), ("members", "amendment"), ("access", "account"),
        ("organisations", "organisation"), ("organisations", "placement"), ("records", "journalentry"),
        ("records", "journalseal"), ("records", "message"), ("reviews", "review"), ("reviews", "reviewevent"),
        ("reviews", "reviewstep"),
    }
)  # fmt: skip

#: Migration → why a rule is not kept there. What stands here needs the site to be stopped (docs/operations.md).
ALLOWED: dict[tuple[str, str], str] = {
    (
        "insights",
        "0001_rollups",
    ): "asks whether the register is empty and writes one row into a table just made",
    ("members", "0007_staged_columns"): (
        "rows of rosters that are being checked, gone within days; the old code may not stage rows meanwhile, so the "
        "update from 0.1.0 stops site and workers"
    ),
    (
        "members",
        "0008_staged_without_key_indexes",
    ): "drops indexes of staged rows; nothing is looked up by them",
    ("members", "0010_names"): (
        "names are copied to open and past memberships by fifty thousand; the update from 0.1.0 stops site and workers "
        "anyway (0007), and whoever then forgets the name is refused"
    ),
    ("members", "0013_spells"): (
        "writes memberships and employments anew for a generated column and fills in what follows what; the update "
        "from 0.1.0 stops site and workers anyway (0007), and whoever forgets to say what a spell follows is refused"
    ),
    ("reviews", "0003_appeals_and_delegation"): "only the choices of a column change: no statement",
    ("reviews", "0004_insurer_role"): "only the choices of a column change: no statement",
    ("organising", "0003_sealed_answers"): "the same column type: no statement reaches the database",
}


@dataclass
class Finding:
    """One operation that breaks a rule."""

    app: str
    migration: str
    rule: str

    def __str__(self) -> str:
        return f"{self.app}.{self.migration}: {self.rule}"


@dataclass
class Ground:
    """What is known while operations are read in order: models made since the release."""

    new: set[tuple[str, str]] = field(default_factory=set)


def is_new(app: str, name: str) -> bool:
    number = re.match(r"\d+", name)
    return number is not None and int(number.group()) > RELEASED.get(app, 0)


def findings(loader: MigrationLoader) -> list[Finding]:
    """Every broken rule of every migration of ours after the release, allowed or not."""
    ground, found = Ground(), []
    for app, name in _in_order(loader):
        migration = loader.disk_migrations[app, name]
        found += [Finding(app, name, rule) for rule in broken(app, migration, ground)]
    return found


def _in_order(loader: MigrationLoader) -> Iterator[tuple[str, str]]:
    ours = {
        app
        for app, _ in loader.disk_migrations
        if loader.disk_migrations[app, _].__module__.startswith("unionhall.")
    }
    for app, name in sorted(loader.disk_migrations):
        if app in ours and is_new(app, name):
            yield app, name


def broken(app: str, migration: migrations.Migration, ground: Ground | None = None) -> list[str]:
    """The rules that a migration breaks."""
    ground = ground or Ground()
    found: list[str] = []
    for operation in _flat(migration.operations):
        if isinstance(operation, migrations.CreateModel):
            ground.new.add((app, operation.name_lower))
            continue
        found += _rules(app, operation, migration, ground)
    return found


def _flat(operations: Iterable[Operation]) -> Iterator[Operation]:
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
        else:
            yield operation


def _rules(app: str, operation: Operation, migration: migrations.Migration, ground: Ground) -> Iterator[str]:
    if isinstance(operation, migrations.RunPython):
        yield "RunPython: fill in batches by a job or a command, not in a migration"
    if isinstance(operation, migrations.RunSQL):
        yield from _sql(operation)
    model = (app, str(getattr(operation, "model_name", getattr(operation, "name", ""))).lower())
    if model in ground.new:
        return
    if isinstance(operation, migrations.RemoveField | migrations.DeleteModel):
        yield f"{type(operation).__name__} {model[1]}: first a release whose code does not know it"
    if isinstance(operation, migrations.RenameField | migrations.RenameModel | migrations.AlterModelTable):
        yield f"{type(operation).__name__} {model[1]}: add the new name beside the old, remove the old a release later"
    if isinstance(operation, AddIndexConcurrently):
        if migration.atomic:
            yield "AddIndexConcurrently needs atomic = False"
    elif isinstance(operation, migrations.AddIndex) and model in BIG:
        yield f"AddIndex on {model[1]}: AddIndexConcurrently in a migration with atomic = False"
    if isinstance(operation, AddConstraintNotValid):
        return
    if isinstance(operation, migrations.AddConstraint) and model in BIG:
        yield f"AddConstraint on {model[1]}: NOT VALID and validate later, or a unique index made concurrently"
    if isinstance(operation, migrations.AddField):
        yield from _added(operation.field, model)
    elif isinstance(operation, migrations.AlterField) and model in BIG:
        yield f"AlterField on {model[1]}: a new type rewrites the table, NOT NULL scans it; say why not in ALLOWED"


def _added(column: Any, model: tuple[str, str]) -> Iterator[str]:
    if isinstance(column, models.ManyToManyField):
        return
    if not column.null and column.db_default is NOT_PROVIDED:
        yield f"AddField NOT NULL on {model[1]} without db_default: code that still runs cannot insert"
    if model in BIG and (column.unique or (column.db_index and not column.is_relation)):
        yield f"AddField with an index on {model[1]}: add the column, then the index concurrently"
    if model in BIG and isinstance(column, models.GeneratedField):
        yield f"AddField generated on {model[1]}: rewrites the table"
    if model in BIG and column.is_relation and column.db_constraint:
        yield f"AddField with a foreign key on {model[1]}: db_constraint=False, then NOT VALID and validate"


def _sql(operation: migrations.RunSQL) -> Iterator[str]:
    parts = operation.sql if isinstance(operation.sql, list | tuple) else [operation.sql]
    text = " ".join(part[0] if isinstance(part, tuple) else str(part) for part in parts)
    # ctid or a range of keys says that it goes batch by batch.
    for verb, app, model in re.findall(r"\b(UPDATE|DELETE FROM)\s+\"?([a-z]+)_([a-z]+)", text, re.IGNORECASE):
        if (app, model) in BIG:
            yield f"RunSQL {verb} {app}_{model}: fill in batches by a job or a command, not in a migration"
    for statement in re.findall(r"CREATE\s+(?:UNIQUE\s+)?INDEX\s+(?!CONCURRENTLY)[^;]*", text, re.IGNORECASE):
        yield f"RunSQL {statement[:40]}: CONCURRENTLY"
