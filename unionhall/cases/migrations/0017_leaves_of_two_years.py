"""A leave that was entered without an end in sight lasts two years, as long as one may be entered for now.

Of an end in 9999 the database answers a day that is none in Python: no page with such a leave opened, and the hourly
job stopped at its mediator. A leave that begins after all days a form takes is none. Both tables are small: a few rows
for each of a roster.
"""

from django.db import migrations

_CUT = (
    "UPDATE {table} SET period = daterange(lower(period), (lower(period) + interval '2 years 1 day')::date)"
    " WHERE upper(period) IS NULL OR upper(period) > lower(period) + interval '2 years 1 day'"
)
_NEVER = "DELETE FROM {table} WHERE lower(period) > DATE '2100-12-31'"
REPAIRS = tuple(
    statement.format(table=table)
    for table in ("cases_mediatorleave", "cases_lawyerleave")
    for statement in (_NEVER, _CUT)
)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0016_hotline_taking"),
    ]

    operations = [migrations.RunSQL(list(REPAIRS), migrations.RunSQL.noop)]
