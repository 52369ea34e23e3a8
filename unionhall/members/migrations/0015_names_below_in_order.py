"""The list's indexes of cities and counties carry names too: a county may have a million people."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Left

OPEN = Q(period__upper_inf=True)
INCLUDED = ["path", "second_path", "name", "initials"]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0014_names_in_order")]

    operations = [
        AddIndexConcurrently(
            "membership",
            models.Index(
                Left("path", 8), "person", include=INCLUDED, condition=OPEN, name="membership_of_city"
            ),
        ),
        RemoveIndexConcurrently("membership", "membership_city"),
        AddIndexConcurrently(
            "membership",
            models.Index(
                Left("path", 12), "person", include=INCLUDED, condition=OPEN, name="membership_of_county"
            ),
        ),
        RemoveIndexConcurrently("membership", "membership_county"),
    ]
