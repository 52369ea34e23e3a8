"""What a page of a list and a search by name need at ten million people; made without holding up those who write."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Left

OPEN = Q(period__upper_inf=True)


def level(length: int, name: str) -> AddIndexConcurrently:
    return AddIndexConcurrently(
        "membership", models.Index(Left("path", length), F("person"), condition=OPEN, name=name)
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0005_desk_identity")]

    operations = [
        AddIndexConcurrently(
            "membership",
            models.Index(
                fields=["person"], include=["path", "second_path"], condition=OPEN, name="membership_open"
            ),
        ),
        level(8, "membership_city"),
        level(12, "membership_county"),
        level(16, "membership_street"),
        # Without these the planner takes a third of all rows to be open, and a county for a two-hundredth.
        migrations.RunSQL(
            "CREATE STATISTICS membership_shape ON (upper_inf(period)), (left(path, 8)), (left(path, 12)), "
            "(left(path, 16)) FROM members_membership",
            "DROP STATISTICS IF EXISTS membership_shape",
        ),
    ]
