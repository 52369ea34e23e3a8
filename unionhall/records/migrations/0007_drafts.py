"""Forms of several pages are kept in one place, sealed, one draft per account and form."""

import django.utils.timezone
from django.db import migrations, models

import unionhall.foundation.fields


class Migration(migrations.Migration):
    dependencies = [("records", "0006_journal_lane")]

    operations = [
        migrations.CreateModel(
            name="Draft",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("account_id", models.BigIntegerField(verbose_name="账号")),
                ("form", models.CharField(max_length=30, verbose_name="表单")),
                ("answers", unionhall.foundation.fields.SealedField(verbose_name="内容（加密）")),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_index=True, default=django.utils.timezone.now, verbose_name="修改时间"
                    ),
                ),
            ],
            options={
                "verbose_name": "表单草稿",
                "verbose_name_plural": "表单草稿",
                "constraints": [
                    models.UniqueConstraint(fields=("account_id", "form"), name="draft_once")
                ],
            },
        ),
    ]
