"""Entries of some days are found by their time, without walking back over everything newer."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('records', '0007_drafts'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='journalentry',
            index=models.Index(fields=['at'], name='journal_at'),
        ),
    ]
