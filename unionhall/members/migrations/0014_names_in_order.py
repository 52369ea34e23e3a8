"""The index of the register in the order of its list carries names, so that searching by name reads no row."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

OPEN = Q(period__upper_inf=True)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0013_spells")]

    operations = [
        AddIndexConcurrently(
            "membership",
            models.Index(
                fields=["person"],
                include=["path", "second_path", "name", "initials"],
                condition=OPEN,
                name="membership_current",
            ),
        ),
        RemoveIndexConcurrently("membership", "membership_open"),
    ]
