"""Staged rows meet the register: whose each is, where he stood that day, whether the plan covered him, what was before.

Set by set over the temporary table `settling`; rows are written in the order of settlement, so keys keep that order.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.expressions import RawSQL

from unionhall.foundation.sealing import ring
from unionhall.rulebook.book import book
from unionhall.rulebook.eligibility import who

from ...models import SettlementFile, SettlementLine
from ...schemes.medical import PROGRAMME

__all__ = ["cover", "match"]

_WHY = "a job on one file, started by whoever was asked for permission"
_CHUNK = 20_000

# The order of reasons is the order in which people would look; only the first counts.
_MATCH = """
WITH ranked AS (
    SELECT *, row_number() OVER (PARTITION BY id_index, number ORDER BY "row") AS place FROM settling
), looked AS (
    SELECT s.*, p.id AS person_id, m.path AS member_path, o.division, former.id AS former_id,
        COALESCE(former.first, former.id) AS first,
        CASE
            WHEN s.fault <> '' THEN 'unreadable'
            WHEN s.cents < 0 THEN 'negative'
            WHEN p.id IS NULL THEN 'unknown'
            WHEN p.name <> s.name THEN 'name'
            WHEN s.place > 1 THEN 'duplicate'
            WHEN date_part('year', s.settled_on) <> %(year)s
                 OR date_part('year', former.settled_on) <> %(year)s THEN 'other_year'
            WHEN m.path IS NOT NULL AND NOT starts_with(m.path, %(path)s)
                 AND NOT starts_with(m.second_path, %(path)s) THEN 'outside'
            ELSE ''
        END AS reason
    FROM ranked s
    LEFT JOIN members_person p ON p.id_index = s.id_index AND s.fault = ''
    LEFT JOIN members_membership m ON m.person_id = p.id AND m.period @> s.settled_on
    LEFT JOIN organisations_organisation o ON o.id = m.organisation_id
    LEFT JOIN LATERAL (
        SELECT f.id, f.first, f.settled_on FROM benefits_settlementline f
        WHERE f.person_id = p.id AND f.number = s.number AND f.state = 'matched' ORDER BY f.id DESC LIMIT 1
    ) former ON true
), written AS (
    INSERT INTO benefits_settlementline (
        file_id, "row", number, settled_on, person_id, path, division, selfpay, details, id_type, id_number, id_index,
        covered, state, outcome, reason, amount, replaces_id, first, taken_by, resolution)
    SELECT %(file)s, "row", number, settled_on, CASE WHEN reason IN ('', 'other_year', 'outside', 'duplicate')
               THEN person_id END,
           CASE WHEN reason = '' THEN COALESCE(member_path, %(path)s) ELSE %(path)s END,
           COALESCE(division, %(division)s), selfpay, details,
           CASE WHEN reason IN ('unknown', 'name') THEN id_type ELSE '' END,
           CASE WHEN reason IN ('unknown', 'name') THEN id_number END,
           CASE WHEN reason IN ('unknown', 'name') THEN id_index END,
           false, CASE WHEN reason = '' THEN 'matched' ELSE 'exception' END, '', reason, 0,
           CASE WHEN reason = '' THEN former_id END, CASE WHEN reason = '' THEN first END, '',
           CASE WHEN reason = 'unreadable' THEN left(fault, 200) ELSE '' END
    FROM looked ORDER BY settled_on, "row"
    RETURNING id, person_id, settled_on, division, state
)
INSERT INTO settling_days SELECT id, person_id, settled_on, division FROM written WHERE state = 'matched'
"""
_DAYS = """
CREATE TEMPORARY TABLE settling_days (id bigint, person_id bigint, settled_on date, division text) ON COMMIT DROP
"""
_COVERED = """
UPDATE benefits_settlementline l SET covered = true FROM settling_days d
WHERE d.settled_on = %s AND l.id = d.id AND d.person_id IN ({who})
"""
_OF_DAY = "SELECT person_id FROM settling_days WHERE settled_on = %s"
_NO_SCHEME = """
UPDATE benefits_settlementline l SET state = 'exception', reason = 'no_scheme' FROM settling_days d
WHERE l.id = d.id AND d.settled_on = %s AND NOT EXISTS (
    SELECT 1 FROM unnest(%s::text[]) AS area WHERE starts_with(d.division, area))
"""


def match(file: SettlementFile) -> None:
    """Write the lines of a staged file with what they are; the caller's transaction holds the turn."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.settling_days")
        cursor.execute(_DAYS)
        cursor.execute(
            _MATCH,
            {
                "file": file.pk, "year": file.year, "path": file.organisation.path,
                "division": file.organisation.division,
            },
        )  # fmt: skip
        # With the person: a day's persons are then looked up one by one, however few the planner expects.
        cursor.execute("CREATE INDEX ON settling_days (settled_on, person_id)")
        cursor.execute("ANALYZE settling_days")
    cover()
    _known_again(file)


def cover() -> None:
    """Who of `settling_days` the plan of his area covered on the day; where there is no plan, somebody has to look."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT settled_on FROM settling_days ORDER BY 1")
        days: list[date] = [day for (day,) in cursor.fetchall()]
        for day in days:
            there = [one for one in book().in_force(day) if one.programme == PROGRAMME]
            cursor.execute(_NO_SCHEME, [day, [one.jurisdiction for one in there]])
            among = Q(pk__in=RawSQL(_OF_DAY, [day]))  # noqa: S611 — a constant of ours
            for version in there:
                rows = who(version, day, among, there).values("pk")
                statement, values = rows.query.sql_with_params()
                cursor.execute(_COVERED.format(who=statement), [day, *values])


def _known_again(file: SettlementFile) -> None:
    """Lines that came before, word for word, are known already and pay nothing; the others correct them."""
    lines = SettlementLine.objects.everywhere(reason=_WHY)
    again = lines.filter(file=file, state="matched", replaces__isnull=False)
    columns = ("pk", "selfpay", "settled_on", "replaces__selfpay", "replaces__settled_on")
    seen: list[int] = []
    chunk: list[tuple[Any, ...]] = []
    for row in again.values_list(*columns).iterator(chunk_size=_CHUNK):
        chunk.append(row)
        if len(chunk) == _CHUNK:
            seen += _same(chunk)
            chunk.clear()
    seen += _same(chunk)
    for start in range(0, len(seen), _CHUNK):
        lines.filter(pk__in=seen[start : start + _CHUNK]).update(state=SettlementLine.State.SEEN)


def _same(rows: list[tuple[Any, ...]]) -> list[int]:
    new = ring().open_many([row[1].blob for row in rows])
    old = ring().open_many([row[3].blob for row in rows])
    return [
        row[0] for row, now, before in zip(rows, new, old, strict=True) if (now, row[2]) == (before, row[4])
    ]
