"""Why somebody was left out of a plan's list is kept beside his standing, which may be another for a while."""

from django.db import migrations, models

KEEP = "UPDATE benefits_planperson SET left_out = reason WHERE standing = 'left_out'"


class Migration(migrations.Migration):

    dependencies = [
        ('benefits', '0018_given_up_before'),
    ]

    operations = [
        migrations.AddField(
            model_name='planperson',
            name='left_out',
            field=models.CharField(blank=True, db_default='', max_length=200, verbose_name='不参加的原因'),
        ),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
    ]
