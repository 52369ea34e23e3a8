import django.db.models.deletion
from django.db import migrations, models

_COPIED = """
UPDATE members_rosterrow SET
    sex = values->>'sex', birth = (values->>'birth')::date, ethnicity = values->>'ethnicity',
    education = values->>'education', political = values->>'political',
    household_type = values->>'household_type', household_place = values->>'household_place',
    native_place = values->>'native_place',
    migrant_worker = CASE values->>'migrant_worker' WHEN '1' THEN true WHEN '0' THEN false END,
    skill = values->>'skill', work_unit = values->>'work_unit', occupation = values->>'occupation',
    status = values->>'status', form = values->>'form', joined_on = (values->>'joined_on')::date,
    placed = COALESCE((values->>'placed')::boolean, false)
WHERE outcome NOT IN ('error', 'duplicate') AND values <> '{}'
"""


def _texts(**lengths):
    titles = {
        "sex": "性别",
        "ethnicity": "民族",
        "education": "学历",
        "political": "政治面貌",
        "household_type": "户口类型",
        "household_place": "户口所在地",
        "native_place": "籍贯",
        "skill": "技能等级",
        "work_unit": "工作单位",
        "occupation": "工种岗位",
        "status": "就业状况",
        "form": "用工形式",
    }
    return [
        migrations.AddField(
            "rosterrow", name, models.CharField(max_length=length, null=True, verbose_name=titles[name])
        )
        for name, length in lengths.items()
    ]


class Migration(migrations.Migration):
    """What a staged row says in columns of its own type, instead of one JSON value that is read again and again."""

    dependencies = [("members", "0006_list_indexes"), ("organisations", "0001_initial")]
    operations = [
        *_texts(
            sex=1,
            ethnicity=2,
            education=2,
            political=2,
            household_type=1,
            household_place=120,
            native_place=60,
            skill=1,
            work_unit=120,
            occupation=60,
            status=1,
            form=1,
        ),
        migrations.AddField("rosterrow", "birth", models.DateField(null=True, verbose_name="出生日期")),
        migrations.AddField("rosterrow", "joined_on", models.DateField(null=True, verbose_name="入会日期")),
        migrations.AddField(
            "rosterrow", "migrant_worker", models.BooleanField(null=True, verbose_name="农民工")
        ),
        migrations.AddField(
            "rosterrow", "placed", models.BooleanField(default=False, verbose_name="写明了工会")
        ),
        migrations.AddField(
            "rosterbatch",
            "cleared_at",
            models.DateTimeField(blank=True, null=True, verbose_name="文件和各行清除时间"),
        ),
        migrations.AlterField(
            "rosterrow",
            "batch",
            models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="staged",
                to="members.rosterbatch",
                verbose_name="批次",
            ),
        ),
        migrations.AlterField(
            "rosterrow",
            "organisation",
            models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="organisations.organisation",
                verbose_name="工会",
            ),
        ),
        migrations.RunSQL(_COPIED, migrations.RunSQL.noop),
        migrations.RemoveField("rosterrow", "values"),
    ]
