"""Indexes that another one answers for are not kept up; a small sample is enough to plan with staged rows.

`membership_organisation` begins with the union. Members and cards are looked up by whole numbers only, for which their
unique indexes serve; the ones that Django makes beside them for LIKE are asked by nobody.
"""

from django.db import migrations, models
from django.db.models.deletion import PROTECT

#: Columns of the staging table that the planner is told about after every file.
PLANNED = ("batch_id", "id_index", "outcome", "person_id")


def _gone(name: str, made_by: str) -> migrations.RunSQL:
    return migrations.RunSQL(f"DROP INDEX CONCURRENTLY IF EXISTS {name}", made_by)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0011_households"), ("organisations", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [
                _gone(
                    "members_membership_organisation_id_4433936f",
                    "CREATE INDEX CONCURRENTLY members_membership_organisation_id_4433936f"
                    " ON members_membership (organisation_id)",
                )
            ],
            [
                migrations.AlterField(
                    "membership",
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=PROTECT,
                        related_name="memberships",
                        to="organisations.organisation",
                        verbose_name="所在工会",
                    ),
                )
            ],
        ),
        _gone(
            "members_person_member_number_b637e5ec_like",
            "CREATE INDEX CONCURRENTLY members_person_member_number_b637e5ec_like"
            " ON members_person (member_number varchar_pattern_ops)",
        ),
        _gone(
            "members_card_number_dd3a32b4_like",
            "CREATE INDEX CONCURRENTLY members_card_number_dd3a32b4_like"
            " ON members_card (number varchar_pattern_ops)",
        ),
        migrations.RunSQL(
            [f"ALTER TABLE members_rosterrow ALTER COLUMN {name} SET STATISTICS 10" for name in PLANNED],
            [f"ALTER TABLE members_rosterrow ALTER COLUMN {name} SET STATISTICS -1" for name in PLANNED],
        ),
    ]
