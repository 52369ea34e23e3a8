"""A person's memberships, and employments, are chains held by B-trees instead of by exclusion constraints (ADR 19).

Both tables are written anew for their generated column, under a lock: site and workers are stopped meanwhile.
"""

from typing import Any

from django.db import migrations, models
from django.db.models import F, Func, Q
from django.db.models.deletion import CASCADE, PROTECT

from unionhall.members.models.spells import Follows

FIRST = Q(follows=None)
UPPER = Func(F("period"), function="upper", output_field=models.DateField())
FOLLOWS = """
UPDATE {table} AS held SET follows = before.ended
FROM (SELECT id, lag(upper(period)) OVER (PARTITION BY person_id ORDER BY lower(period)) AS ended FROM {table}) before
WHERE before.id = held.id AND before.ended IS NOT NULL
"""


def chained(noun: str, on_delete: Any) -> list[Any]:
    name = f"{noun}_one_at_a_time"
    key = models.ForeignKey(
        db_index=False, on_delete=on_delete, related_name=f"{noun}s", to="members.person", verbose_name="职工"
    )
    constraints: list[models.BaseConstraint] = [
        models.CheckConstraint(condition=~Q(period__isempty=True), name=f"{name}_lasts"),
        models.CheckConstraint(condition=FIRST | Q(period__startswith__gte=F("follows")), name=f"{name}_order"),
        models.UniqueConstraint(fields=["person", "ended"], name=f"{name}_end"),
        models.UniqueConstraint(fields=["person"], condition=FIRST, name=f"{name}_first"),
        models.UniqueConstraint(fields=["person", "follows"], condition=~FIRST, name=f"{name}_next"),
        Follows(name=f"{name}_chain"),
    ]
    return [
        migrations.AddField(
            noun, "follows", models.DateField("上一段终止日", blank=True, editable=False, null=True)
        ),
        migrations.RunSQL(FOLLOWS.format(table=f"members_{noun}"), migrations.RunSQL.noop),
        migrations.AddField(
            noun,
            "ended",
            models.GeneratedField(
                db_persist=True, expression=UPPER, output_field=models.DateField(null=True), verbose_name="终止日"
            ),
        ),
        migrations.RemoveConstraint(noun, name),
        migrations.AlterField(noun, "person", key),
        *[migrations.AddConstraint(noun, constraint) for constraint in constraints],
    ]


class Migration(migrations.Migration):
    dependencies = [("members", "0012_fewer_indexes")]

    operations = [*chained("membership", PROTECT), *chained("employment", CASCADE)]
