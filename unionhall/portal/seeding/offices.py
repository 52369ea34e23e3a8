"""Posts held by the people who were made, and employers' head counts: set-based, from what stands in the tables."""

from __future__ import annotations

from django.db import connection

__all__ = ["count_employees", "fill_posts"]

# The longest-standing active members hold the posts of the present term; the women's chair is a woman.
_POSTS = """
WITH ranked AS (
    SELECT m.organisation_id, m.person_id, lower(m.period) AS since, p.sex,
        row_number() OVER (PARTITION BY m.organisation_id ORDER BY lower(m.period), m.id) AS place,
        row_number() OVER (PARTITION BY m.organisation_id, p.sex ORDER BY lower(m.period), m.id) AS place_of_sex
    FROM members_membership m JOIN members_person p ON p.id = m.person_id
    WHERE upper_inf(m.period) AND m.standing = 'active'
), term AS (
    SELECT DISTINCT ON (organisation_id) organisation_id, lower(period) AS starts, document
    FROM organisations_term ORDER BY organisation_id, number DESC
), chosen AS (
    SELECT organisation_id, person_id, since,
        CASE place WHEN 1 THEN 'chair' WHEN 2 THEN 'vice_chair' WHEN 3 THEN 'audit_chair' ELSE 'committee' END AS title
    FROM ranked WHERE place <= 7
    UNION ALL
    SELECT organisation_id, person_id, since, 'women_chair' FROM ranked WHERE sex = '2' AND place_of_sex = 1
)
INSERT INTO members_post (organisation_id, person_id, title, full_time, period, document)
SELECT c.organisation_id, c.person_id, CASE WHEN o.level = 7 THEN 'group_leader' ELSE c.title END, FALSE,
    daterange(greatest(c.since, coalesce(t.starts, c.since), lower(o.existence)), NULL), coalesce(t.document, '')
FROM chosen c JOIN organisations_organisation o ON o.id = c.organisation_id
LEFT JOIN term t ON t.organisation_id = c.organisation_id
WHERE o.status = 'active' AND (o.level < 7 OR c.title = 'chair')
"""

# Local and industry federations: three of the members below each of them serve full time. The subtree is a range of
# one column per statement, which an index answers: a choice between columns inside would read the register per union.
_FEDERATIONS = """
INSERT INTO members_post (organisation_id, person_id, title, full_time, period, document)
SELECT o.id, found.person_id,
    CASE found.place WHEN 1 THEN 'chair' WHEN 2 THEN 'vice_chair' ELSE 'audit_chair' END, TRUE,
    daterange(greatest(lower(t.period), lower(o.existence)), NULL), t.document
FROM (SELECT *, {prefix} AS prefix FROM organisations_organisation WHERE kind = '{kind}') o
JOIN LATERAL (
    SELECT * FROM organisations_term t WHERE t.organisation_id = o.id ORDER BY number DESC LIMIT 1
) t ON TRUE
CROSS JOIN LATERAL (
    SELECT person_id, row_number() OVER (ORDER BY id) AS place FROM (
        SELECT id, person_id FROM members_membership m
        WHERE upper_inf(m.period) AND m.standing = 'active'
            AND m.{column} >= o.prefix AND m.{column} < o.prefix || 'zzzzzzzz'
        ORDER BY m.{column}, m.id LIMIT 3 OFFSET (o.id % 7)
    ) AS few
) found
ON CONFLICT DO NOTHING
"""
_CHAINS = (
    {"kind": "federation", "column": "path", "prefix": "path"},
    {"kind": "industry", "column": "second_path", "prefix": "coalesce(nullif(second_path, ''), path)"},
)

# Some of a firm's workers have not joined; figures of firms are never below their members'.
_EMPLOYEES = """
UPDATE organisations_employer e SET employees = found.members + found.members * (e.id % 29) / 100 + e.id % 7,
    women = found.women + found.women * (e.id % 29) / 100
FROM (
    SELECT w.employer_id, count(*) AS members, count(*) FILTER (WHERE p.sex = '2') AS women
    FROM members_employment w JOIN members_person p ON p.id = w.person_id
    WHERE upper_inf(w.period) AND w.employer_id IS NOT NULL GROUP BY w.employer_id
) found
WHERE found.employer_id = e.id
"""


def fill_posts() -> None:
    """Committees of unions with members, and the leaders of federations."""
    with connection.cursor() as cursor:
        cursor.execute(_POSTS)
        for chain in _CHAINS:
            cursor.execute(_FEDERATIONS.format(**chain))


def count_employees() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_EMPLOYEES)
