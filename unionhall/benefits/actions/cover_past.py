"""Cover of those who held a card and lost it before any run saw them: opened and closed at once, by the card's days.

A cover comes with the card, so whoever held one within a scheme's dates was covered on these days, also when the first
run over everyone came after them, or when the card was replaced before it. The insurer reads an addition and an end.
"""

# ruff: noqa: S608 - statements are put together from our own table names; every value is a parameter
from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from unionhall.rulebook import conditions, population
from unionhall.rulebook.conditions import Clause
from unionhall.rulebook.versions import Version

from ..models import CoverEnrolment
from ..schemes.cover import CoverScheme

__all__ = ["enrol_past"]

#: What a holder was for as long as he held the card.
_HELD = {"membership.member": True, "card.active": True}
#: Facts of the person that hold for the past as for today.
_LASTING = {"person.sex"}
_TABLE = CoverEnrolment._meta.db_table

# A holding ends with its card or its membership, whichever came first; that day is still covered. A card's days begin
# where those of the card before it end, and a cover's end where a later one begins.
_PAST = f"""
WITH held AS (
    SELECT c.id, c.person_id, c.issued_on, (c.revoked_at AT TIME ZONE %(zone)s)::date + 1 AS card_until
    FROM members_card c WHERE c.status = 'revoked' {{only}}
    UNION ALL
    SELECT c.id, c.person_id, c.issued_on, NULL
    FROM members_card c WHERE c.status <> 'revoked' {{only}} AND NOT EXISTS (
        SELECT FROM members_membership x WHERE x.person_id = c.person_id AND upper_inf(x.period))
), ended AS (
    SELECT h.id, h.person_id, h.issued_on, m.division, LEAST(h.card_until, m.until) AS until,
        CASE WHEN m.until IS NULL OR h.card_until < m.until THEN 'card' ELSE 'membership' END AS why
    FROM held h CROSS JOIN LATERAL (
        SELECT o.division, upper(x.period) + 1 AS until
        FROM members_membership x JOIN organisations_organisation o ON o.id = x.organisation_id
        WHERE x.person_id = h.person_id AND (h.card_until IS NULL OR lower(x.period) < h.card_until)
        ORDER BY lower(x.period) DESC LIMIT 1
    ) m
), days AS (
    SELECT e.id, e.person_id, e.until, e.why, GREATEST(e.issued_on + %(wait)s, %(earliest)s, max(e.until) OVER (
        PARTITION BY e.person_id ORDER BY e.issued_on, e.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )) AS since
    FROM ended e
    WHERE starts_with(e.division, %(area)s) AND e.until > %(earliest)s
        AND NOT EXISTS (SELECT FROM unnest(%(narrower)s::text[]) AS n (area) WHERE starts_with(e.division, n.area))
), free AS (
    SELECT d.id, d.person_id, d.since, d.why, LEAST(d.until, (
        SELECT min(lower(x.period)) FROM {_TABLE} x
        WHERE x.person_id = d.person_id AND x.programme = %(programme)s AND NOT isempty(x.period)
            AND (upper_inf(x.period) OR upper(x.period) > d.since)
    )) AS until
    FROM days d WHERE d.since < d.until
), opened AS (
    INSERT INTO {_TABLE} (person_id, programme, period, source, tier, ending, made_at)
    SELECT f.person_id, %(programme)s, daterange(f.since, f.until), 'card', '', f.why, %(now)s
    FROM free f WHERE f.since < f.until {{who}}
    ORDER BY f.id ON CONFLICT DO NOTHING RETURNING id
)
INSERT INTO benefits_coverchange (enrolment_id, kind, at) SELECT id, 'ended', %(now)s FROM opened ORDER BY id
"""


def enrol_past(
    version: Version[CoverScheme],
    group: Iterable[Version[Any]],
    earliest: date,
    persons: Collection[int] = (),
) -> int:
    """Write the covers of ended holdings under a version that came with the card from `earliest` on; answers how many.

    Nothing for a version that asks for what cannot be known of days that are over. Again, it writes nothing.
    """
    rest = _of_the_person(version.parameters.conditions)
    if rest is None:
        return 0
    values: dict[str, Any] = {
        "zone": settings.TIME_ZONE, "wait": version.parameters.wait_days, "earliest": earliest,
        "area": version.jurisdiction, "narrower": _narrower(version, group), "programme": version.programme,
        "now": timezone.now(), "persons": list(persons),
    }  # fmt: skip
    who = ""
    if rest:
        sql, given = _meeting(rest)
        who, values = f"AND f.person_id IN ({sql})", values | given
    only = "AND c.person_id = ANY(%(persons)s)" if persons else ""
    with connection.cursor() as cursor:
        cursor.execute(_PAST.format(only=only, who=who), values)
        return int(cursor.rowcount)


def _of_the_person(clauses: Iterable[Clause]) -> list[Clause] | None:
    """The conditions besides card and membership; None where they ask for more than what lasts."""
    rest = [one for one in clauses if conditions.codes([one]) - _HELD.keys() or not one.test(_HELD, date.min)]
    return rest if conditions.codes(rest) <= _LASTING else None


def _meeting(clauses: list[Clause]) -> tuple[str, dict[str, Any]]:
    """Persons who meet them, as a sub-select with named values."""
    today = timezone.localdate()
    rows = population.people(today, codes=conditions.codes(clauses))
    sql, given = rows.filter(conditions.compile_q(clauses, today)).values("pk").query.sql_with_params()
    names = [f"given_{place}" for place in range(len(given))]
    return sql % tuple(f"%({name})s" for name in names), dict(zip(names, given, strict=True))


def _narrower(version: Version[Any], group: Iterable[Version[Any]]) -> list[str]:
    """Areas within the version's own that have versions of their own."""
    areas = {one.jurisdiction for one in group if one.programme == version.programme}
    return sorted(
        area for area in areas if area != version.jurisdiction and area.startswith(version.jurisdiction)
    )
