"""The sealer finds what waits by its lane, without reading what is sealed."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('records', '0005_former_second_path'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='journalentry',
            index=models.Index(fields=['lane', 'place'], name='journal_lane'),
        ),
    ]
