"""All who revised a draft are remembered, not only the last: none of them publishes it."""

from django.db import migrations, models

KEEP = "UPDATE rulebook_schemedraft SET reviser_ids = jsonb_build_array(revised_by_id) WHERE revised_by_id IS NOT NULL"


class Migration(migrations.Migration):

    dependencies = [
        ('rulebook', '0003_publishing'),
    ]

    operations = [
        migrations.AddField(
            model_name='schemedraft',
            name='reviser_ids',
            field=models.JSONField(db_default=[], default=list, verbose_name='修改账号'),
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
        migrations.RemoveField(
            model_name='schemedraft',
            name='revised_by_id',
        ),
    ]
