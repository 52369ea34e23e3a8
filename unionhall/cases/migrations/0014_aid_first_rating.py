"""The first rating of legal aid is kept when what followed a bad one is rated again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0013_hotline_emptied"),
    ]

    operations = [
        migrations.AddField(
            model_name="legalaid",
            name="first_rating",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="首次评价"),
        ),
    ]
