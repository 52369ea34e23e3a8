"""Referrals of cases that have ended, and parts of tasks that were withdrawn, end too.

Until now only a dispute let go of its partners when it closed, and no task of its parts. Both tables are small: a few
rows for each case that others help with.
"""

from django.db import migrations

REPAIRS = (
    "UPDATE cases_referral r SET ended_at = c.closed_at, due_at = NULL FROM cases_case c"
    " WHERE c.id = r.case_id AND r.ended_at IS NULL AND c.closed_at IS NOT NULL",
    "UPDATE cases_taskpart p SET state = 'withdrawn' FROM cases_case c"
    " WHERE c.id = p.case_id AND p.state IN ('given', 'returned') AND c.closed_at IS NOT NULL",
)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0014_aid_first_rating"),
    ]

    operations = [migrations.RunSQL(list(REPAIRS), migrations.RunSQL.noop)]
