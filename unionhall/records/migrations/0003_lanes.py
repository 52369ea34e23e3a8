from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('records', '0002_sealing'),
    ]

    operations = [
        migrations.CreateModel(
            name='JournalLane',
            fields=[
                ('number', models.IntegerField(primary_key=True, serialize=False, verbose_name='道次')),
                ('count', models.BigIntegerField(default=0, verbose_name='最后序号')),
                ('mark', models.CharField(blank=True, max_length=80, verbose_name='防伪标记')),
            ],
            options={
                'verbose_name': '日志编号道',
                'verbose_name_plural': '日志编号道',
            },
        ),
        migrations.AddField(
            model_name='journalblock',
            name='gaps',
            field=models.JSONField(db_default=[], default=list, verbose_name='缺失'),
        ),
        migrations.AddField(
            model_name='journalblock',
            name='lanes',
            field=models.JSONField(db_default={}, default=dict, verbose_name='各道进度'),
        ),
        migrations.AddField(
            model_name='journalentry',
            name='lane',
            field=models.IntegerField(editable=False, null=True, verbose_name='道次'),
        ),
        migrations.AddField(
            model_name='journalentry',
            name='place',
            field=models.BigIntegerField(editable=False, null=True, verbose_name='道内序号'),
        ),
    ]
