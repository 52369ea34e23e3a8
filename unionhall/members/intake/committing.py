"""A batch into the register: a dozen statements in one transaction, however many rows. Whole or not at all."""

# ruff: noqa: S608 - the statements are built from our own column names; every value is a parameter
from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Model

from unionhall.foundation.keysets import keys_as_sets
from unionhall.kit.sm import sm3_hex_of

from ..models import Card, Employment, Membership, Person, RosterBatch
from ..numbers import card_body_sql, card_number_sql, member_number_sql
from .classifying import classify, given, knows_anyone
from .columns import EMPLOYMENT_KEYS, PERSON_KEYS
from .first import bare_if_first
from .progress import Progress

__all__ = ["LOCK", "compare_again", "digest", "write"]

#: Commits of one federation wait for each other, so that two files with the same person make one membership.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.members.intake', 0))"

_PERSON_VALUES = {"sex": "'9'", "birth": "NULL", "migrant_worker": "false"}
_EMPLOYMENT_VALUES = {"status": "'1'", "form": "'1'"}


def _or_default(key: str) -> str:
    empty = _PERSON_VALUES.get(key, _EMPLOYMENT_VALUES.get(key, "''"))
    return given(key) if empty == "NULL" else f"COALESCE({given(key)}, {empty})"


#: A new person's key: reserved in one block, in the order of the file; so nothing has to look the person up again.
_NEW_ID = "%(before)s + r.number"
_PERSON_ID = f"COALESCE(r.person_id, {_NEW_ID})"

_PERSONS = f"""
INSERT INTO members_person (id, name, initials, sort_key, id_type, id_number, id_index, phone, phone_index,
                            {", ".join(PERSON_KEYS)}, member_number, created_at, updated_at)
SELECT {_NEW_ID}, r.name, r.initials, r.sort_key, r.id_type, r.id_number, r.id_index, r.phone, r.phone_index,
       {", ".join(_or_default(key) for key in PERSON_KEYS)}, {member_number_sql("o.division")}, %(now)s, %(now)s
FROM members_rosterrow r JOIN organisations_organisation o ON o.id = r.organisation_id
WHERE r.batch_id = %(batch)s AND r.outcome = 'new' AND r.person_id IS NULL
ORDER BY r.number
"""


def _ended(table: str) -> str:
    """SQL: the day on which a known person's last period ended; asked only of those who are known."""
    last = f"SELECT max(t.ended) FROM {table} t WHERE t.person_id = r.person_id"
    return f"CASE WHEN r.person_id IS NOT NULL THEN ({last}) END"


def _held(column: str) -> str:
    """SQL: what the register says of a known person, else the file."""
    known = f"SELECT p.{column} FROM members_person p WHERE p.id = r.person_id"
    return f"CASE WHEN r.person_id IS NULL THEN r.{column} ELSE ({known}) END"


# The period begins on the day of joining, but never before the union existed nor inside an earlier membership.
_MEMBERSHIPS = f"""
INSERT INTO members_membership (person_id, organisation_id, path, second_path, name, initials, period, follows,
                                standing, joined_on, entry, exit, exit_reason, batch_id)
SELECT {_PERSON_ID}, o.id, o.path, o.second_path, {_held("name")}, {_held("initials")},
       daterange(GREATEST(COALESCE({given("joined_on")}, %(today)s), lower(o.existence),
                          {_ended("members_membership")}), NULL), {_ended("members_membership")},
       'active', COALESCE({given("joined_on")}, %(today)s), 'intake', '', '', %(batch)s
FROM members_rosterrow r
JOIN organisations_organisation o ON o.id = r.organisation_id
WHERE r.batch_id = %(batch)s AND r.outcome = 'new'
ORDER BY r.number
"""

_COVERS = """
WITH covered AS (
    SELECT c.organisation_id, u.id, u.name, count(*) OVER (PARTITION BY c.organisation_id) AS units
    FROM organisations_coverage c JOIN organisations_employer u ON u.id = c.employer_id
    WHERE upper_inf(c.period)
), covers AS (SELECT DISTINCT ON (organisation_id, name) * FROM covered ORDER BY organisation_id, name, id)
"""
_COVERS_JOIN = f"""
LEFT JOIN covers k ON k.organisation_id = r.organisation_id
     AND (k.name = {given("work_unit")} OR ({given("work_unit")} IS NULL AND k.units = 1))
"""

_EMPLOYMENTS = f"""
{_COVERS}
INSERT INTO members_employment (person_id, employer_id, work_unit, occupation, status, form, period, follows)
SELECT {_PERSON_ID}, k.id, COALESCE({given("work_unit")}, k.name, ''),
       {", ".join(_or_default(key) for key in EMPLOYMENT_KEYS if key != "work_unit")},
       daterange(GREATEST(CASE WHEN r.person_id IS NULL
                               THEN GREATEST(COALESCE({given("joined_on")}, %(today)s), lower(o.existence))
                               ELSE %(today)s END, {_ended("members_employment")}), NULL),
       {_ended("members_employment")}
FROM members_rosterrow r
JOIN organisations_organisation o ON o.id = r.organisation_id
{_COVERS_JOIN}
WHERE r.batch_id = %(batch)s AND r.before->>'employment' IS NULL
  AND (r.outcome = 'new' OR (r.outcome = 'changed' AND r.changed_columns && %(employment)s::varchar[]))
ORDER BY r.number
"""

_CARDS = f"""
INSERT INTO members_card (person_id, number, status, issued_on, paper_version, created_at)
SELECT n.person_id, {card_number_sql("n.body").replace("%", "%%")}, 'active', %(today)s, 0, %(now)s
FROM (
    SELECT {_PERSON_ID} AS person_id, {card_body_sql("o.division")} AS body
    FROM members_rosterrow r
    JOIN organisations_organisation o ON o.id = r.organisation_id
    WHERE r.batch_id = %(batch)s AND r.outcome = 'new'
      AND (r.person_id IS NULL
           OR NOT EXISTS (SELECT FROM members_card c WHERE c.person_id = r.person_id AND c.status <> 'revoked'))
    ORDER BY r.number
    OFFSET 0
) n
"""

_NUMBERS = f"""
UPDATE members_person p SET member_number = {member_number_sql("o.division")}, updated_at = %(now)s
FROM members_rosterrow r JOIN organisations_organisation o ON o.id = r.organisation_id
WHERE r.batch_id = %(batch)s AND r.outcome = 'new' AND p.id = r.person_id AND p.member_number IS NULL
"""

_KNOWN_PERSONS = f"""
UPDATE members_person p
SET {", ".join(f"{key} = COALESCE({given(key)}, p.{key})" for key in PERSON_KEYS)},
    phone = CASE WHEN 'phone' = ANY(r.changed_columns) THEN r.phone ELSE p.phone END,
    phone_index = CASE WHEN 'phone' = ANY(r.changed_columns) THEN r.phone_index ELSE p.phone_index END,
    updated_at = %(now)s
FROM members_rosterrow r
WHERE r.batch_id = %(batch)s AND r.outcome IN ('new', 'changed') AND p.id = r.person_id
  AND r.changed_columns && %(person)s::varchar[]
"""

_KNOWN_EMPLOYMENT = """r.batch_id = %(batch)s AND r.outcome IN ('new', 'changed')
  AND r.before->>'employment' IS NOT NULL AND r.changed_columns && %(employment)s::varchar[]"""
_EMPLOYER = (
    "CASE WHEN 'work_unit' = ANY(r.changed_columns) THEN k.id ELSE (r.before->>'employer')::bigint END"
)
_SINCE = "(r.before->>'employment_since')::date"

# History is kept: yesterday's work ends today. Only what began today is put right in place.
_EMPLOYMENT_ENDS = f"""
UPDATE members_employment e SET period = daterange(lower(e.period), %(today)s)
FROM members_rosterrow r
WHERE {_KNOWN_EMPLOYMENT} AND e.id = (r.before->>'employment')::bigint AND {_SINCE} < %(today)s
"""
_EMPLOYMENT_BEGINS = f"""
{_COVERS}
INSERT INTO members_employment (person_id, employer_id, work_unit, occupation, status, form, period, follows)
SELECT r.person_id, {_EMPLOYER}, {", ".join(f"COALESCE({given(key)}, r.before->>'{key}')" for key in EMPLOYMENT_KEYS)},
       daterange(%(today)s, NULL), %(today)s
FROM members_rosterrow r {_COVERS_JOIN}
WHERE {_KNOWN_EMPLOYMENT} AND {_SINCE} < %(today)s
"""
_EMPLOYMENT_CORRECTED = f"""
{_COVERS}
UPDATE members_employment e
SET employer_id = {_EMPLOYER}, {", ".join(f"{key} = COALESCE({given(key)}, e.{key})" for key in EMPLOYMENT_KEYS)}
FROM members_rosterrow r {_COVERS_JOIN}
WHERE {_KNOWN_EMPLOYMENT} AND e.id = (r.before->>'employment')::bigint AND {_SINCE} >= %(today)s
"""
_JOINED = f"""
UPDATE members_membership m SET joined_on = {given("joined_on")}
FROM members_rosterrow r
WHERE r.batch_id = %(batch)s AND r.outcome = 'changed' AND 'joined_on' = ANY(r.changed_columns)
  AND m.id = (r.before->>'membership')::bigint
"""

_STEPS = (
    ("登记新职工", _PERSONS), ("更新已有职工", _KNOWN_PERSONS), ("分配会员号", _NUMBERS), ("登记会籍", _MEMBERSHIPS),
    ("登记就业情况", _EMPLOYMENTS), ("更新就业情况", _EMPLOYMENT_CORRECTED), ("更新就业情况", _EMPLOYMENT_ENDS),
    ("更新就业情况", _EMPLOYMENT_BEGINS), ("更新入会日期", _JOINED), ("生成会员卡", _CARDS),
)  # fmt: skip
_MARGIN = 1000
#: From so many rows on, their foreign keys are checked as sets.
_AS_SETS = 1000
#: What is written when everyone in the file is new, by the keys that were reserved.
_NEW_ROWS: dict[type[Model], str] = {
    Person: "id BETWEEN %(before)s AND %(last)s",
    **dict.fromkeys((Membership, Employment, Card), "person_id BETWEEN %(before)s AND %(last)s"),
}
_PROVED_AT_ONCE = 50_000
#: The statements that make something new, and how much of the time each takes; the others are about known persons.
_WEIGHTS = {_PERSONS: 34, _MEMBERSHIPS: 28, _EMPLOYMENTS: 16, _CARDS: 14}


def compare_again(batch: RosterBatch, progress: Progress, *, whole: bool) -> bool:
    """What becomes of each row, by the register as it is now; answers whether the register knows anyone of them.

    Not `whole`: persons who were unknown when the file was checked are taken for unknown still.
    The caller holds the lock and the transaction.
    """
    progress.tell("再次核对", 0, batch.rows)
    if whole or knows_anyone(batch):
        classify(batch, whole=whole)
        return knows_anyone(batch)
    return False


def _reserved(batch: RosterBatch) -> tuple[int, int]:
    """Reserve keys for as many persons as the file has rows; row n gets the first number + n, none more than the last.

    Between the two calls others may take a few keys; those lie in the margin. Beyond it a key would be refused as
    not unique, and the commit tried again.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(max(number), 0) FROM members_rosterrow WHERE batch_id = %s", [batch.pk]
        )
        (rows,) = cursor.fetchone()
        cursor.execute(
            "SELECT setval(name, nextval(name) + %s) FROM pg_get_serial_sequence('members_person', 'id') AS name",
            [rows + _MARGIN],
        )
        (last,) = cursor.fetchone()
    return int(last - rows), int(last)


def write(batch: RosterBatch, now: datetime, today: date, progress: Progress, *, known: bool = True) -> int:
    """Write what the compared rows say; answers the number of cards issued. Lock and transaction as before.

    Not `known`: every person is new, and the statements about others are left out.
    """
    before, last = _reserved(batch)
    values: dict[str, Any] = {
        "batch": batch.pk, "now": now, "today": today, "before": before, "last": last,
        "person": [*PERSON_KEYS, "phone"], "employment": list(EMPLOYMENT_KEYS),
    }  # fmt: skip
    if known:
        return _write(batch, values, progress, known)
    with bare_if_first(batch, progress) as is_bare:
        if is_bare or batch.rows < _AS_SETS:
            return _write(batch, values, progress, known)
        with keys_as_sets(_NEW_ROWS, values, made=(Person,)):
            return _write(batch, values, progress, known)


def _write(batch: RosterBatch, values: dict[str, Any], progress: Progress, known: bool) -> int:
    rows = batch.rows
    done = cards = 0
    for label, statement in _STEPS:
        if not known and statement not in _WEIGHTS:
            continue
        progress.tell(label, rows * min(done, 99) // 100, rows)
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            if statement is _CARDS:
                cards = cursor.rowcount
        done += _WEIGHTS.get(statement, 1)
    return cards


def digest(batch: RosterBatch) -> str:
    """The SM3 over number, outcome and keyed index of the rows, in order: what the journal entry proves."""
    return sm3_hex_of(_lines(batch))


def _lines(batch: RosterBatch) -> Iterator[bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(number) FROM members_rosterrow WHERE batch_id = %s", [batch.pk])
        (last,) = cursor.fetchone()
        between = b""
        for start in range(0, (last or 0) + 1, _PROVED_AT_ONCE):
            cursor.execute(
                "SELECT string_agg(concat_ws(E'\\t', number, outcome, encode(id_index, 'hex')), E'\\n' ORDER BY number)"
                " FROM members_rosterrow WHERE batch_id = %s AND number >= %s AND number < %s",
                [batch.pk, start, start + _PROVED_AT_ONCE],
            )
            (text,) = cursor.fetchone()
            if text:
                yield between + text.encode()
                between = b"\n"
