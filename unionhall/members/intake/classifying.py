"""What becomes of each staged row, decided by the database in a few statements: no query per row.

Run twice: for the preview, and again inside the committing transaction, because the register moves on in between.
"""

# ruff: noqa: S608 - the statements are built from our own column names; every value is a parameter
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import connection

from ..models import RosterBatch, RosterRow
from .columns import EMPLOYMENT_KEYS, PERSON_KEYS

__all__ = [
    "analyse", "classify", "comparing", "counts", "given", "knows_anyone", "mark_duplicates", "refuse_new_of",
    "warn_of_unions_age",
]  # fmt: skip

NAME_DIFFERS = (
    "与系统登记姓名不一致：证件号码相同，登记的姓名不同。请核对姓名和号码；确属改名的，先在会员资料中修改。"
)
MOVED = "此人现在是其他工会的会员。名册不能改变会籍，请发起会籍转接。"


def given(key: str) -> str:
    """SQL: what the row says for a column, null when the cell was empty."""
    return f"r.{key}"


def _differs(key: str, present: str) -> str:
    return f"CASE WHEN {given(key)} IS NOT NULL AND {given(key)} IS DISTINCT FROM {present} THEN '{key}' END"


_CHANGED = ", ".join(
    [
        *(_differs(key, f"p.{key}") for key in PERSON_KEYS),
        "CASE WHEN r.phone_index IS NOT NULL AND r.phone_index IS DISTINCT FROM p.phone_index THEN 'phone' END",
        *(_differs(key, f"e.{key}") for key in EMPLOYMENT_KEYS),
        f"CASE WHEN m.id IS NOT NULL AND {given('joined_on')} <> m.joined_on THEN 'joined_on' END",
    ]
)
_BEFORE = ", ".join(
    [
        *(f"'{key}', p.{key}" for key in PERSON_KEYS),
        "'updated_at', p.updated_at, 'member_number', p.member_number, 'phone_index', encode(p.phone_index, 'hex')",
        *(f"'{key}', e.{key}" for key in EMPLOYMENT_KEYS),
        "'employment', e.id, 'employment_since', lower(e.period), 'employer', e.employer_id",
        "'membership', m.id, 'joined_on', m.joined_on",
    ]
)

_CLASSIFY = f"""
WITH found AS (
    SELECT r.id, p.id AS person_id, p.phone AS old_phone, p.name <> r.name AS renamed,
           m.id AS membership_id, m.organisation_id AS present_union,
           CASE WHEN NOT r.placed AND m.id IS NOT NULL
                     AND (starts_with(m.path, b.path)
                          OR (b.second_path <> '' AND starts_with(m.second_path, b.second_path)))
                THEN m.organisation_id ELSE r.organisation_id END AS union_id,
           array_remove(ARRAY[{_CHANGED}]::varchar[], NULL) AS changed,
           jsonb_build_object({_BEFORE}) AS before
    FROM members_rosterrow r
    JOIN members_rosterbatch b ON b.id = r.batch_id
    JOIN members_person p ON p.id_index = r.id_index
    LEFT JOIN members_membership m ON m.person_id = p.id AND upper_inf(m.period)
    LEFT JOIN members_employment e ON e.person_id = p.id AND upper_inf(e.period)
    WHERE r.batch_id = %(batch)s AND r.outcome IN ('new', 'changed', 'same', 'transfer') AND {{which}}
), decided AS (
    SELECT *, CASE WHEN renamed THEN 'error'
                   WHEN membership_id IS NULL THEN 'new'
                   WHEN present_union <> union_id THEN 'transfer'
                   WHEN changed = '{{{{}}}}' THEN 'same'
                   ELSE 'changed' END AS outcome
    FROM found
)
UPDATE members_rosterrow r
SET outcome = d.outcome, person_id = d.person_id, organisation_id = d.union_id,
    changed_columns = CASE WHEN d.outcome IN ('new', 'changed') THEN d.changed ELSE '{{{{}}}}' END,
    before = CASE WHEN d.outcome IN ('new', 'changed') THEN d.before ELSE '{{{{}}}}'::jsonb END,
    before_phone = CASE WHEN d.outcome IN ('new', 'changed') THEN d.old_phone END,
    errors = CASE d.outcome
        WHEN 'error' THEN jsonb_build_array(jsonb_build_object(
            'column', %(name_heading)s::text, 'message', %(name_differs)s::text))
        ELSE '[]'::jsonb END
FROM decided d
WHERE r.id = d.id
  AND (r.outcome, r.person_id, r.organisation_id, r.before)
      IS DISTINCT FROM (d.outcome, d.person_id, d.union_id,
                        CASE WHEN d.outcome IN ('new', 'changed') THEN d.before ELSE '{{{{}}}}'::jsonb END)
"""

# A person whom another batch made and then took back again is new once more.
_GONE = """
UPDATE members_rosterrow r
SET outcome = 'new', person_id = NULL, before = '{}', changed_columns = '{}', before_phone = NULL
WHERE r.batch_id = %s AND r.person_id IS NOT NULL AND r.outcome IN ('new', 'changed', 'same', 'transfer')
  AND NOT EXISTS (SELECT FROM members_person p WHERE p.id = r.person_id AND p.id_index = r.id_index)
"""

_DUPLICATES = """
WITH firsts AS (
    SELECT id, number, first_value(number) OVER (PARTITION BY id_index ORDER BY number) AS first
    FROM members_rosterrow WHERE batch_id = %(batch)s AND id_index IS NOT NULL
)
UPDATE members_rosterrow r
SET outcome = 'duplicate', person_id = NULL, before = '{}', changed_columns = '{}', before_phone = NULL,
    errors = jsonb_build_array(jsonb_build_object(
        'column', %(heading)s::text,
        'message', '与第 ' || f.first || ' 行的证件号码重复。同一人只保留一行。'))
FROM firsts f WHERE r.id = f.id AND f.first <> f.number
"""

#: Which rows are compared: those of a chunk just copied, those whose person is known, or all.
_OF_CHUNK = "r.number BETWEEN %(first)s AND %(last)s"
_WITH_PERSON = "r.person_id IS NOT NULL"
_SWITCH = "; ".join(f"SET LOCAL enable_{way} = {{0}}" for way in ("hashjoin", "mergejoin", "seqscan"))


def analyse() -> None:
    """Tell the planner how large the staging table has become; it was empty a moment ago."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE members_rosterrow (batch_id, id_index, outcome, person_id)")


def mark_duplicates(batch: RosterBatch, heading: str) -> None:
    """Later rows with an ID number that stands in an earlier row point at that row."""
    with connection.cursor() as cursor:
        cursor.execute(_DUPLICATES, {"batch": batch.pk, "heading": heading})


def comparing(batch: RosterBatch, heading: str) -> Callable[[Any, int, int], None]:
    """Compares a chunk that was just copied (cursor, first and last number) with the register, row by row through
    the index of documents: the planner knows nothing of rows this new and would read the whole register instead."""
    statement = _CLASSIFY.format(which=_OF_CHUNK)
    values = {"batch": batch.pk, "name_heading": heading, "name_differs": NAME_DIFFERS}

    def compare(cursor: Any, first: int, last: int) -> None:
        cursor.execute(_SWITCH.format("off"))
        cursor.execute(statement, values | {"first": first, "last": last})
        cursor.execute(_SWITCH.format("on"))

    return compare


def classify(batch: RosterBatch, *, whole: bool = True) -> None:
    """Compare the staged rows with the register as it is now; only rows whose fate changes are written.

    Not `whole`: only rows whose person was known when they were staged. Should somebody have been registered since,
    the unique document stops the commit, and the next try is whole.
    """
    heading = batch.columns.get("name_heading", "姓名")
    statement = _CLASSIFY.format(which="true" if whole else _WITH_PERSON)
    with connection.cursor() as cursor:
        cursor.execute(_GONE, [batch.pk])
        cursor.execute(statement, {"batch": batch.pk, "name_heading": heading, "name_differs": NAME_DIFFERS})


def knows_anyone(batch: RosterBatch) -> bool:
    """Whether some row names a person of the register, by the last comparison."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM members_rosterrow WHERE batch_id = %s AND person_id IS NOT NULL)",
            [batch.pk],
        )
        (found,) = cursor.fetchone()
    return bool(found)


def refuse_new_of(batch: RosterBatch, unions: Mapping[int, str], heading: str) -> None:
    """New members of these unions become faulty rows that say why."""
    rows = RosterRow.objects.everywhere(reason="rows of this very batch")
    for union, message in unions.items():
        rows.filter(batch=batch, outcome=RosterRow.Outcome.NEW, organisation_id=union).update(
            outcome=RosterRow.Outcome.ERROR, errors=[{"column": heading, "message": message}]
        )


def warn_of_unions_age(batch: RosterBatch, heading: str) -> None:
    """Who joined before the union was founded is registered from its founding on; the date of joining is kept."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE members_rosterrow r
                SET warnings = r.warnings || jsonb_build_array(jsonb_build_object('column', %s::text, 'message',
                    '入会日期早于该工会成立日期（' || lower(o.existence) || '），会籍从成立之日起算，入会日期照填。'))
                FROM organisations_organisation o
                WHERE r.batch_id = %s AND r.outcome = 'new' AND o.id = r.organisation_id
                  AND {given("joined_on")} < lower(o.existence)""",
            [heading, batch.pk],
        )


def counts(batch: RosterBatch) -> dict[str, int]:
    """How many rows of each outcome."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT outcome, count(*) FROM members_rosterrow WHERE batch_id = %s GROUP BY outcome", [batch.pk]
        )
        return dict(cursor.fetchall())
