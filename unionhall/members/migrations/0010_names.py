"""Memberships copy the name of their person, so that an index answers who is called so in which county.

Made without holding up those who write: the copies are filled in by fifty thousand.
"""

from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import F, Q

from unionhall.members.models.names import Words

OPEN = Q(period__upper_inf=True)
AT_ONCE = 50_000

# Characters of a name, each alone and with the county of the path, and each with the one before it.
FUNCTION = """
CREATE FUNCTION members_words(name text, path text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
    county text := left(path, 12);
    one text;
    before text;
    words text[] := '{}';
BEGIN
    FOREACH one IN ARRAY string_to_array(name, NULL) LOOP
        words := words || CASE WHEN before IS NULL THEN ARRAY[one, one || county]
                               ELSE ARRAY[one, one || county, before || one] END;
        before := one;
    END LOOP;
    RETURN words;
END $$
"""


def copy(apps: Any, editor: Any) -> None:
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(max(id), 0) FROM members_membership")
        for first in range(0, cursor.fetchone()[0] + 1, AT_ONCE):
            cursor.execute(
                "UPDATE members_membership m SET name = p.name, initials = p.initials FROM members_person p "
                "WHERE p.id = m.person_id AND m.name = '' AND m.id BETWEEN %s AND %s",
                [first, first + AT_ONCE - 1],
            )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members", "0009_list_statistics")]

    operations = [
        migrations.AddField(
            "membership",
            "name",
            models.CharField("姓名", max_length=50, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            "membership",
            "initials",
            models.CharField("姓名首字母", max_length=50, db_collation="C", blank=True, default=""),
            preserve_default=False,
        ),
        migrations.RunPython(copy, migrations.RunPython.noop),
        migrations.AddConstraint(
            "membership", models.CheckConstraint(condition=~Q(name=""), name="membership_named")
        ),
        migrations.RunSQL(FUNCTION, "DROP FUNCTION members_words"),
        AddIndexConcurrently(
            "membership", GinIndex(Words(F("name"), F("path")), condition=OPEN, name="membership_words")
        ),
        AddIndexConcurrently(
            "membership",
            models.Index(
                fields=["initials", "person"],
                include=["path", "second_path"],
                condition=OPEN,
                name="membership_initials",
            ),
        ),
        migrations.RunSQL("ANALYZE members_membership", migrations.RunSQL.noop),
    ]
