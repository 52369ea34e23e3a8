"""rollup.*: the five figures of members for a province, a city and a county, in SQL, against a plain GROUP BY.

The GROUP BY is one pass over the open memberships of the same subtree with the same five counts. rollup.unfolded.*
are the same figures while some thousand changes wait for folding; they are appended in a transaction that is undone.
"""

from __future__ import annotations

from typing import Any

from .eyes import Eyes, places
from .figure import median, p95, sql_time, tell

CODES = ("members.count", "members.women", "members.migrant", "members.new_form", "members.retained")
PLAIN = """
SELECT left(m.path, %(children)s), count(*), count(*) FILTER (WHERE p.sex = '2'),
    count(*) FILTER (WHERE p.migrant_worker), count(*) FILTER (WHERE w.form = '5'),
    count(*) FILTER (WHERE m.standing = 'retained')
FROM members_membership m JOIN members_person p ON p.id = m.person_id
LEFT JOIN members_employment w ON w.person_id = p.id AND upper_inf(w.period)
WHERE upper_inf(m.period) AND m.path LIKE %(prefix)s GROUP BY 1
"""


#: Changes that wait for folding, over unions all over the tree; each comes and goes, so that the figures stay.
UNFOLDED = 4_000
APPENDED = """
WITH unions AS (SELECT array_agg(path ORDER BY md5(path)) AS paths FROM organisations_organisation)
INSERT INTO members_celldelta
    (face, chain, path, sex, birth_year, form, status, migrant, retained, education, n)
SELECT 'work', 'region', paths[1 + pair % cardinality(paths)], '2', 1990, '5', '', true, false, '', n
FROM unions, generate_series(0, {pairs} - 1) AS pair, (VALUES (1), (-1)) AS both_ways (n)
"""


def measure(samples: int = 200, plain_runs: int = 3, name: str = "rollup") -> dict[str, float]:
    """Tell province, city and county, folded and with changes waiting; answers the p95 by place."""
    from django.db import connection, transaction

    found: dict[str, float] = {}
    plain: dict[str, tuple[float, list[int]]] = {}
    for level, organisation in places().items():
        if level == "chair":
            continue
        times, totals = [], [0] * 5
        for _ in range(plain_runs):
            with sql_time() as clock, connection.cursor() as cursor:
                cursor.execute(
                    PLAIN, {"children": len(organisation.path) + 4, "prefix": organisation.path + "%"}
                )
                totals = [sum(column) for column in list(zip(*cursor.fetchall(), strict=True))[1:]]
            times.append(clock.ms)
        plain[level] = median(times), totals
        found[level] = _told(name, level, organisation, samples, *plain[level])
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(APPENDED.format(pairs=UNFOLDED // 2))
        for level, organisation in places().items():
            if level != "chair":
                found[f"unfolded.{level}"] = _told(
                    name, f"unfolded.{level}", organisation, samples, *plain[level], unfolded=UNFOLDED
                )
        transaction.set_rollback(True)
    return found


def _told(
    name: str, level: str, organisation: Any, samples: int, baseline: float, totals: list[int], **more: Any
) -> float:
    """Tell the p95 of one union's five figures, which must be those of the GROUP BY."""
    from unionhall.insights import drilling, figures

    # The rollups answer only who may see all of it: the whole tree's prefix stands for such an officer.
    where = drilling.place(organisation, Eyes((organisation.path[:4],)))
    answer: dict[str, int] = {}
    times, statements = [], 0
    for _ in range(samples):
        with sql_time() as clock:
            answer = figures.values(CODES, where)
        times.append(clock.ms)
        statements = clock.statements
    assert [answer[code] for code in CODES] == totals, (level, answer, totals)
    tell(f"{name}.{level}", p95(times), "ms", baseline, statements=statements, members=totals[0], **more)
    return p95(times)
