from django.db import migrations


class Migration(migrations.Migration):
    """Sequences for member and card numbers, so that a million of them are given out in one statement."""

    dependencies = [("members", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE members_member_number AS bigint; CREATE SEQUENCE members_card_number AS bigint",
            "DROP SEQUENCE members_member_number; DROP SEQUENCE members_card_number",
        )
    ]
