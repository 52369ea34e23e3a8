"""What a federation's facts are: three tables of one day, without anyone's name, number or identifier.

Members are counted cells, not rows of people: rows with equal facts are one row with its `n`, so that nothing ties a
person of one export to a person of the next, not even the order. Cells down to one union and one birth year are still
about few people or one: they stay with the operator of the federation (docs/scale.md); `exchange` makes what may leave.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from unionhall.members.models import Employment, Membership, Person
from unionhall.organisations.kinds import SHAPES, Chain, Level
from unionhall.organisations.models import Naming, Organisation, Placement, Term
from unionhall.organisations.paths import WIDTH

#: Grassroots unions, of one employer (01) or of several (02).
_BASE = ", ".join(f"'{kind}'" for kind, shape in SHAPES.items() if shape.base_type in {"01", "02"})
#: Raised with every change of a table: readers refuse what they don't know.
FORMAT = 1


@dataclass(frozen=True)
class Fact:
    """A table of the export: its columns (name → Arrow type) and the SELECT that yields them in order."""

    name: str
    columns: Mapping[str, str]
    select: str

    def schema(self) -> Any:
        """The columns as an Arrow schema."""
        import pyarrow as pa

        return pa.schema([pa.field(name, pa.type_for_alias(kind)) for name, kind in self.columns.items()])


def _table(model: Any) -> str:
    return f'"{model._meta.db_table}"'


_AREA = f"""
    LEFT JOIN {_table(Placement)} above ON length(here.path) > {WIDTH} AND above.chain = '{Chain.REGION}'
        AND above.path = left(here.path, {2 * WIDTH}) AND above.period @> {{on}}
    LEFT JOIN {_table(Organisation)} area ON area.id = above.organisation_id"""

MEMBERS = Fact(
    "members",
    {
        "federation": "string",
        "area": "string",
        "union_code": "string",
        "kind": "string",
        "level": "int8",
        "division": "string",
        "sex": "string",
        "birth_year": "int16",
        "education": "string",
        "status": "string",
        "form": "string",
        "migrant": "bool",
        "retained": "bool",
        "joined": "string",
        "n": "int32",
    },
    f"""
    SELECT %(federation)s, coalesce(area.code, ''), o.code, o.kind, o.level, left(o.division, 6),
        p.sex, extract(year FROM p.birth)::int, p.education, coalesce(work.status, ''), coalesce(work.form, ''),
        p.migrant_worker, m.standing = '{Membership.Standing.RETAINED}', to_char(m.joined_on, 'YYYY-MM'), count(*)
    FROM {_table(Membership)} m
    JOIN {_table(Person)} p ON p.id = m.person_id
    JOIN {_table(Organisation)} o ON o.id = m.organisation_id
    JOIN {_table(Placement)} here ON here.organisation_id = o.id AND here.chain = '{Chain.REGION}'
        AND here.period @> %(day)s::date
    LEFT JOIN {_table(Employment)} work ON work.person_id = p.id AND work.period @> %(day)s::date
    {_AREA.format(on="%(day)s::date")}
    WHERE m.period @> %(day)s::date
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
    ORDER BY 2, 3, 7, 8, 9, 10, 11, 12, 13, 14
    """,  # noqa: S608 — table names of ours
)

UNIONS = Fact(
    "unions",
    {
        "federation": "string",
        "area": "string",
        "union_code": "string",
        "name": "string",
        "kind": "string",
        "level": "int8",
        "division": "string",
        "base": "bool",
        "term_end": "date32",
    },
    f"""
    SELECT %(federation)s, coalesce(area.code, ''), o.code,
        CASE WHEN o.level < {Level.GRASSROOTS} THEN coalesce(called.name, o.name) ELSE '' END,
        o.kind, o.level, left(o.division, 6), o.kind IN ({_BASE}),
        (SELECT upper(t.period) FROM {_table(Term)} t
            WHERE t.organisation_id = o.id AND lower(t.period) <= %(day)s::date ORDER BY t.number DESC LIMIT 1)
    FROM {_table(Organisation)} o
    JOIN {_table(Placement)} here ON here.organisation_id = o.id AND here.chain = '{Chain.REGION}'
        AND here.period @> %(day)s::date
    LEFT JOIN {_table(Naming)} called ON called.organisation_id = o.id AND called.period @> %(day)s::date
    {_AREA.format(on="%(day)s::date")}
    WHERE o.existence @> %(day)s::date
    ORDER BY 2, 3
    """,  # noqa: S608
)

#: Net change of members by month and area, up to the day: summed up to a month's end it is what stood there then.
FLOWS = Fact(
    "flows",
    {"federation": "string", "area": "string", "month": "string", "members": "int32", "women": "int32"},
    f"""
    WITH stays AS (
        SELECT here.path, m.period * here.period AS stay, p.sex = '2' AS woman
        FROM {_table(Membership)} m
        JOIN {_table(Person)} p ON p.id = m.person_id
        JOIN {_table(Placement)} here ON here.organisation_id = m.organisation_id AND here.chain = '{Chain.REGION}'
            AND here.period && m.period
    ), events AS (
        SELECT left(path, {2 * WIDTH}) AS path, lower(stay) AS day, woman, 1 AS n FROM stays
        UNION ALL
        SELECT left(path, {2 * WIDTH}), upper(stay), woman, -1 FROM stays WHERE NOT upper_inf(stay)
    ), summed AS (
        SELECT path, to_char(day, 'YYYY-MM') AS month, sum(n) AS members, sum(n) FILTER (WHERE woman) AS women
        FROM events WHERE day <= %(day)s::date GROUP BY 1, 2
    )
    SELECT %(federation)s, coalesce(area.code, '') AS code, month, sum(members), coalesce(sum(women), 0)
    FROM summed
    LEFT JOIN LATERAL (
        SELECT o.code FROM {_table(Placement)} above JOIN {_table(Organisation)} o ON o.id = above.organisation_id
        WHERE above.chain = '{Chain.REGION}' AND above.path = summed.path AND length(summed.path) > {WIDTH} LIMIT 1
    ) area ON true
    GROUP BY 2, 3
    ORDER BY 2, 3
    """,  # noqa: S608
)

FACTS = (MEMBERS, UNIONS, FLOWS)

#: Every column that exports may carry. None of them is a person's name, number, address or identifier.
COLUMNS = frozenset(name for fact in FACTS for name in fact.columns)


def parameters(federation: str, day: date) -> dict[str, Any]:
    """What the SELECTs ask for."""
    return {"federation": federation, "day": day}
