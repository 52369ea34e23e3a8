"""Cases of a kind stand in the whole order of the list; those on which no clock runs have an index."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("cases", "0010_second_paths")]

    operations = [
        migrations.RemoveIndex("case", "case_due"),
        migrations.AddIndex(
            "case",
            models.Index(fields=["kind", "due_at", "id"], condition=Q(closed_at=None), name="case_kind_due"),
        ),
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["id"], condition=Q(closed_at=None) & Q(due_at=None), name="case_paused"
            ),
        ),
    ]
