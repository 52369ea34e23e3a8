"""Drafts of appeals go to where drafts of all forms are kept (records.Draft)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0011_kinds_and_paused"), ("records", "0007_drafts")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO records_draft (account_id, form, answers, updated_at)"
            " SELECT account_id, 'appeal', answers, updated_at FROM cases_appealdraft",
            migrations.RunSQL.noop,
        ),
        migrations.DeleteModel(name="AppealDraft"),
    ]
