"""The extended statistics and the expression indexes of 0006 say nothing to the planner until the table is analysed."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("members", "0008_staged_without_key_indexes")]

    operations = [migrations.RunSQL("ANALYZE members_membership", migrations.RunSQL.noop)]
