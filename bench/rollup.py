"""rollup.*: the five figures of members for a province, a city and a county, in SQL, against a plain GROUP BY.

The GROUP BY is one pass over the open memberships of the same subtree with the same five counts.
"""

from __future__ import annotations

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


def measure(samples: int = 200, plain_runs: int = 3, name: str = "rollup") -> dict[str, float]:
    """Tell province, city and county; answers the p95 by place."""
    from django.db import connection

    from unionhall.insights import drilling, figures

    found: dict[str, float] = {}
    for level, organisation in places().items():
        if level == "chair":
            continue
        # The rollups answer only who may see all of it: the whole tree's prefix stands for such an officer.
        where = drilling.place(organisation, Eyes((organisation.path[:4],)))
        answer: dict[str, int] = {}
        times, statements = [], 0
        for _ in range(samples):
            with sql_time() as clock:
                answer = figures.values(CODES, where)
            times.append(clock.ms)
            statements = clock.statements
        plain, totals = [], [0] * 5
        for _ in range(plain_runs):
            with sql_time() as clock, connection.cursor() as cursor:
                cursor.execute(
                    PLAIN, {"children": len(organisation.path) + 4, "prefix": organisation.path + "%"}
                )
                totals = [sum(column) for column in list(zip(*cursor.fetchall(), strict=True))[1:]]
            plain.append(clock.ms)
        assert [answer[code] for code in CODES] == totals, (level, answer, totals)
        found[level] = p95(times)
        tell(f"{name}.{level}", p95(times), "ms", median(plain), statements=statements, members=totals[0])
    return found
