"""Drafts of joining go to where drafts of all forms are kept (records.Draft); the empty table goes a release later.

They last from today on as any other.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("organising", "0003_sealed_answers"), ("records", "0007_drafts")]

    operations = [
        migrations.RunSQL(
            "INSERT INTO records_draft (account_id, form, answers, updated_at)"
            " SELECT account_id, 'admission', answers, now() FROM organising_admissiondraft;"
            " DELETE FROM organising_admissiondraft",
            migrations.RunSQL.noop,
        ),
    ]
