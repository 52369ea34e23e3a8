"""A list of the hotline is registered by a job: a state while it goes on, and why it stopped."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0015_ended_with_their_case"),
    ]

    operations = [
        migrations.AddField(
            model_name="hotlinelist",
            name="message",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=300, verbose_name="说明"
            ),
        ),
        migrations.AlterField(
            model_name="hotlinelist",
            name="state",
            field=models.CharField(
                choices=[
                    ("checked", "待确认"),
                    ("taking", "正在登记"),
                    ("taken", "已导入"),
                    ("discarded", "已放弃"),
                ],
                default="checked",
                max_length=9,
                verbose_name="状态",
            ),
        ),
    ]
