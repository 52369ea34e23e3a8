"""Cases copy the paths of their union, so that a list in order of due dates is one walk along an index."""

from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Left

import unionhall.foundation.fields

COPY = """
UPDATE cases_case c SET path = o.path, second_path = o.second_path
FROM organisations_organisation o WHERE o.id = c.organisation_id AND c.path = ''
"""
LEVELS = ((8, "city"), (12, "county"), (16, "street"))


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_fewer_indexes"), ("organisations", "0001_initial")]

    operations = [
        migrations.AddField(
            "case",
            "path",
            unionhall.foundation.fields.PathField("路径", db_collation="C", default="", max_length=48),
            preserve_default=False,
        ),
        migrations.AddField(
            "case",
            "second_path",
            unionhall.foundation.fields.PathField(
                "产业路径", blank=True, db_collation="C", default="", max_length=48
            ),
        ),
        migrations.RunSQL(COPY, migrations.RunSQL.noop),
        # The keys' checks of the rows just written are still waiting, and a table they wait for takes no index.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddConstraint(
            "case", models.CheckConstraint(condition=~Q(path=""), name="case_placed")
        ),
        *(
            migrations.AddIndex(
                "case",
                models.Index(
                    Left("path", length), "due_at", "id", condition=Q(closed_at=None), name=f"case_{name}_due"
                ),
            )
            for length, name in LEVELS
        ),
        *(
            migrations.AddIndex(
                "case",
                models.Index(
                    Left("path", length),
                    "id",
                    condition=Q(closed_at__isnull=False),
                    name=f"case_{name}_closed",
                ),
            )
            for length, name in LEVELS
        ),
    ]
