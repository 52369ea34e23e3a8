"""Taking a batch back: what it made goes, what it changed is as before, unless something newer stands on it."""

# ruff: noqa: S608 - the statements are built from our own column names; every value is a parameter
from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import connection, models

from ..models import Card, Employment, Membership, Person, RosterBatch, RosterRow
from .classifying import given
from .columns import EMPLOYMENT_KEYS, PERSON_KEYS

__all__ = ["KEPT", "take_back"]

#: How a kept row says why: a warning under this heading.
KEPT = "撤销"
_OURS = (Membership, Employment, Card, RosterRow)


def _references(model: type[models.Model], key: str, ignored: Iterable[type[models.Model]] = ()) -> list[str]:
    """SQL conditions: some row of another table points at `key`. Rooms above are found by their foreign keys."""
    quote = connection.ops.quote_name
    found = []
    for relation in model._meta.related_objects:
        if relation.many_to_many or relation.related_model in ignored:
            continue
        table, column = relation.related_model._meta.db_table, str(relation.field.column)
        kept = f" AND ({only})" if (only := _kept(relation.related_model)) else ""
        found.append(f"EXISTS (SELECT FROM {quote(table)} x WHERE x.{quote(column)} = {key}{kept})")
    return found


def _kept(model: Any) -> str:
    """Of a model whose rows follow a card by themselves: which of them (`x`) stay; "" where all do."""
    return str(getattr(model, "kept_from_undoing", ""))


def _gone_with_the_card() -> list[str]:
    """Statements that take away what followed the cards of this batch, in the rooms above."""
    quote = connection.ops.quote_name
    found = []
    for relation in Person._meta.related_objects:
        if kept := _kept(relation.related_model):
            table, column = relation.related_model._meta.db_table, str(relation.field.column)
            found.append(
                f"DELETE FROM {quote(table)} x WHERE x.{quote(column)} IN ({_GOING}) AND x.made_at >= %(committed)s"
                f" AND NOT ({kept})"
            )
    return found


_PLAN = """
CREATE TEMPORARY TABLE intake_undo ON COMMIT DROP AS
SELECT r.id AS row_id, r.number, m.id AS membership_id, m.person_id, p.created_at = %(committed)s AS made,
       CASE WHEN NOT upper_inf(m.period) OR EXISTS (
                 SELECT FROM members_membership x
                 WHERE x.person_id = m.person_id AND x.id <> m.id AND lower(x.period) >= lower(m.period))
            THEN '入库后已办理会籍变动'
            WHEN m.standing <> 'active' THEN '入库后已办理保留会籍'
            WHEN p.created_at = %(committed)s AND p.account_id IS NOT NULL THEN '本人已登录使用'
            WHEN EXISTS (SELECT FROM members_card c WHERE c.person_id = m.person_id AND c.created_at = %(committed)s
                         AND (c.status <> 'active' OR c.paper_version > 0)) THEN '会员卡已使用或已挂失'
            WHEN {membership_used} THEN '会籍已有后续业务'
            WHEN p.created_at = %(committed)s AND ({person_used}) THEN '本人已有其他业务记录'
       END AS kept
FROM members_rosterrow r
JOIN members_person p ON p.id_index = r.id_index
JOIN members_membership m ON m.person_id = p.id AND m.batch_id = r.batch_id
WHERE r.batch_id = %(batch)s AND r.outcome = 'new'
"""

_BEFORE = {"birth": "date", "migrant_worker": "boolean"}


def _before(key: str) -> str:
    kind = _BEFORE.get(key)
    return f"(r.before->>'{key}')" + (f"::{kind}" if kind else "")


def _restored(key: str, table: str) -> str:
    """The former value where the present one is still what the batch wrote, else the present one."""
    return (
        f"{key} = CASE WHEN '{key}' = ANY(r.changed_columns) AND {table}.{key} IS NOT DISTINCT FROM {given(key)}"
        f" THEN {_before(key)} ELSE {table}.{key} END"
    )


# Rows whose person was known before: "changed" ones, and "new" ones whose membership is taken back.
_KNOWN = """r.batch_id = %(batch)s AND r.person_id IS NOT NULL AND (r.outcome = 'changed' OR (r.outcome = 'new'
    AND EXISTS (SELECT FROM intake_undo u WHERE u.row_id = r.id AND u.kept IS NULL)))"""

_TOUCHED_SINCE = f"""
UPDATE members_rosterrow r
SET warnings = r.warnings || jsonb_build_array(jsonb_build_object('column', %(kept)s::text, 'message',
    '入库后又有人修改过此人资料，后来的修改予以保留。'))
FROM members_person p
WHERE {_KNOWN} AND p.id = r.person_id AND ({
    " OR ".join(
        f"('{key}' = ANY(r.changed_columns) AND p.{key} IS DISTINCT FROM {given(key)})" for key in PERSON_KEYS
    )
} OR ('phone' = ANY(r.changed_columns) AND p.phone_index IS DISTINCT FROM r.phone_index))
"""

_PERSONS = f"""
UPDATE members_person p
SET {", ".join(_restored(key, "p") for key in PERSON_KEYS)},
    phone = CASE WHEN 'phone' = ANY(r.changed_columns) AND p.phone_index = r.phone_index
                 THEN r.before_phone ELSE p.phone END,
    phone_index = CASE WHEN 'phone' = ANY(r.changed_columns) AND p.phone_index = r.phone_index
                       THEN decode(r.before->>'phone_index', 'hex') ELSE p.phone_index END,
    member_number = CASE WHEN r.outcome = 'new' THEN r.before->>'member_number' ELSE p.member_number END,
    updated_at = CASE WHEN p.updated_at = %(committed)s
                      THEN (r.before->>'updated_at')::timestamptz ELSE %(now)s END
FROM members_rosterrow r
WHERE {_KNOWN} AND p.id = r.person_id
  AND (cardinality(r.changed_columns) > 0 OR p.updated_at = %(committed)s)
"""

_WROTE = " AND ".join(
    f"e.{key} IS NOT DISTINCT FROM COALESCE({given(key)}, r.before->>'{key}', "
    + ("'1'" if key in ("status", "form") else "e.work_unit" if key == "work_unit" else "''")
    + ")"
    for key in EMPLOYMENT_KEYS
)
#: Rows by which the batch wrote an employment; those of others who came later are not its own, however alike.
_EMPLOYED = """(r.changed_columns && %(employment)s::varchar[]
    OR (r.outcome = 'new' AND r.before->>'employment' IS NULL))"""
# An employment that the batch opened goes, and the one it closed is open again; one put right in place is put back.
_OPENED = f"""
DELETE FROM members_employment e USING members_rosterrow r
WHERE {_KNOWN} AND e.person_id = r.person_id AND upper_inf(e.period)
  AND e.id IS DISTINCT FROM (r.before->>'employment')::bigint AND lower(e.period) >= %(day)s
  AND {_WROTE} AND {_EMPLOYED}
"""
_REOPENED = f"""
UPDATE members_employment e SET period = daterange(lower(e.period), NULL)
FROM members_rosterrow r
WHERE {_KNOWN} AND e.id = (r.before->>'employment')::bigint AND upper(e.period) = %(day)s AND {_EMPLOYED}
  AND NOT EXISTS (SELECT FROM members_employment x
                  WHERE x.person_id = e.person_id AND lower(x.period) >= upper(e.period))
"""
_CORRECTED = f"""
UPDATE members_employment e
SET {", ".join(_restored(key, "e") for key in EMPLOYMENT_KEYS)},
    employer_id = CASE WHEN 'work_unit' = ANY(r.changed_columns) AND e.work_unit = {given("work_unit")}
                       THEN (r.before->>'employer')::bigint ELSE e.employer_id END
FROM members_rosterrow r
WHERE {_KNOWN} AND e.id = (r.before->>'employment')::bigint AND upper_inf(e.period)
  AND r.changed_columns && %(employment)s::varchar[]
"""
_JOINED = f"""
UPDATE members_membership m SET joined_on = (r.before->>'joined_on')::date
FROM members_rosterrow r
WHERE r.batch_id = %(batch)s AND r.outcome = 'changed' AND 'joined_on' = ANY(r.changed_columns)
  AND m.id = (r.before->>'membership')::bigint AND m.joined_on = {given("joined_on")}
"""

_GOING = "SELECT person_id FROM intake_undo WHERE kept IS NULL"
_STEPS = (
    _TOUCHED_SINCE,
    """UPDATE members_rosterrow r
       SET warnings = r.warnings || jsonb_build_array(jsonb_build_object('column', %(kept)s::text, 'message',
           u.kept || '，此人的会籍予以保留。'))
       FROM intake_undo u WHERE u.row_id = r.id AND u.kept IS NOT NULL""",
    "DELETE FROM members_membership WHERE id IN (SELECT membership_id FROM intake_undo WHERE kept IS NULL)",
    f"DELETE FROM members_card WHERE created_at = %(committed)s AND person_id IN ({_GOING})",
    f"DELETE FROM members_employment WHERE person_id IN ({_GOING} AND made)",
    f"DELETE FROM members_person WHERE id IN ({_GOING} AND made)",
    _JOINED, _CORRECTED, _OPENED, _REOPENED, _PERSONS,
)  # fmt: skip


def take_back(batch: RosterBatch, now: datetime, day: date) -> dict[str, int]:
    """Undo inside the caller's transaction: {"removed": memberships, "restored": rows, "kept": rows}.

    `day` is the local day on which the batch was committed.
    """
    plan = _PLAN.format(
        membership_used=" OR ".join(_references(Membership, "m.id")) or "false",
        person_used=" OR ".join(_references(Person, "p.id", _OURS)) or "false",
    )
    values = {
        "batch": batch.pk, "committed": batch.committed_at, "now": now, "day": day, "kept": KEPT,
        "employment": list(EMPLOYMENT_KEYS),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.intake_undo")
        cursor.execute(plan, values)
        for statement in (*_gone_with_the_card(), *_STEPS):
            cursor.execute(statement, values)
        cursor.execute("SELECT count(*) FILTER (WHERE kept IS NULL) FROM intake_undo")
        (removed,) = cursor.fetchone()
        cursor.execute("DROP TABLE intake_undo")
        cursor.execute(
            "SELECT count(*) FILTER (WHERE outcome = 'changed'),"
            " count(*) FILTER (WHERE warnings @> jsonb_build_array(jsonb_build_object('column', %s::text)))"
            " FROM members_rosterrow WHERE batch_id = %s",
            [KEPT, batch.pk],
        )
        restored, kept = cursor.fetchone()
    return {"removed": removed, "restored": restored, "kept": kept}
