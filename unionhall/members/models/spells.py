"""Spells: a person's periods of one kind, no two at a time, held to it by B-trees alone.

Each spell names the end of the one before it (`follows`), or nothing if it is the person's first. A foreign key says
that this end exists, unique indexes that there is one first and that no end is followed twice, a check that nothing
begins before what it follows has ended. So a person's spells are one chain in the order of time; only the last of it
may be open. An exclusion constraint says the same and costs each row some 20 µs more (ADR 19).
"""

from typing import Any, ClassVar

from django.contrib.postgres.fields import DateRangeField
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Columns, Statement, Table
from django.db.models import F, Func, Q

UPPER = Func(F("period"), function="upper", output_field=models.DateField())


class Spell(models.Model):
    """A period of a person: begins on its first day, has ended on `ended` (that day is no longer in it)."""

    period = DateRangeField("期间")
    ended = models.GeneratedField(
        expression=UPPER,
        output_field=models.DateField(null=True),
        db_persist=True,
        verbose_name="终止日",
    )
    follows = models.DateField("上一段终止日", null=True, blank=True, editable=False)

    class Meta:
        abstract = True


class Follows(models.BaseConstraint):
    """The foreign key of a chain: (person, follows) is (person, ended) of another row, asked at COMMIT."""

    FROM: ClassVar = ("person", "follows")
    TO: ClassVar = ("person", "ended")

    def constraint_sql(self, model: Any, schema_editor: Any) -> Any:
        """Never inline: what it names has to be unique first."""

    def create_sql(self, model: Any, schema_editor: Any) -> Any:
        editor: BaseDatabaseSchemaEditor = schema_editor
        table, quote = model._meta.db_table, editor.quote_name

        def columns(names: tuple[str, ...]) -> Columns:
            return Columns(table, [model._meta.get_field(name).column for name in names], quote)

        return Statement(
            "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s FOREIGN KEY (%(columns)s) REFERENCES %(table)s "
            "(%(to_columns)s) DEFERRABLE INITIALLY DEFERRED",
            table=Table(table, quote),
            name=quote(self.name),
            columns=columns(self.FROM),
            to_columns=columns(self.TO),
        )

    def remove_sql(self, model: Any, schema_editor: Any) -> Any:
        quote = schema_editor.quote_name
        return Statement(
            "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s",
            table=Table(model._meta.db_table, quote),
            name=quote(self.name),
        )

    def validate(self, model: Any, instance: Any, exclude: Any = None, using: str = "default") -> None:
        """Only the database can tell, at COMMIT."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Follows) and self.name == other.name

    __hash__ = models.BaseConstraint.__hash__


def one_at_a_time(noun: str) -> list[models.BaseConstraint]:
    """What makes the spells of a person a chain; every name begins alike, so that a refusal is recognised."""
    name, first = f"{noun}_one_at_a_time", Q(follows=None)
    return [
        models.CheckConstraint(condition=~Q(period__isempty=True), name=f"{name}_lasts"),
        models.CheckConstraint(
            condition=first | Q(period__startswith__gte=F("follows")), name=f"{name}_order"
        ),
        models.UniqueConstraint(fields=["person", "ended"], name=f"{name}_end"),
        models.UniqueConstraint(fields=["person"], condition=first, name=f"{name}_first"),
        models.UniqueConstraint(fields=["person", "follows"], condition=~first, name=f"{name}_next"),
        Follows(name=f"{name}_chain"),
    ]
