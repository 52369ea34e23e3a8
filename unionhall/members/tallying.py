"""What memberships contribute to the figures of members, and how every change of them is told to the rollups.

Whatever changes persons' facts, memberships, employments or placements does it inside one of these contexts. They
write, in the same transaction, minus what was and plus what is. Rows are only appended, so that no two writers wait
for each other. Nobody writes the tables of `models.tallies` but this module; the room above folds them.

A person's facts stand still while that is computed: a change of one person holds the person's row and keeps the tree
still (shared); whatever changes many unions at once holds the tree for itself, and so waits for all the others.
"""

# ruff: noqa: S608 - the statements are built from our own conditions; every value is a parameter
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import connection

from unionhall.organisations import tree

from .models import Person, RosterBatch

__all__ = [
    "CELL", "FACTS", "FLOW", "SUMS", "cells_sql", "flows_sql", "hashing", "of_batch", "of_batch_undone", "of_person",
    "of_persons", "of_unions", "supply_folding",
]  # fmt: skip

#: Fields of a person that figures count by.
FACTS = frozenset({"sex", "birth", "education", "migrant_worker"})
#: More rows than this at once ask for folding at once.
MANY = 2000

#: The columns that a cell and a flow are known by, and what a flow sums (`models.tallies`).
CELL = ("face", "chain", "path", "sex", "birth_year", "form", "status", "migrant", "retained", "education")
FLOW = ("chain", "path", "day")
SUMS = ("members", "women", "migrant", "new_form", "retained")

Values = Mapping[str, Any]
_open: ContextVar[bool] = ContextVar("a change is being counted", default=False)
_folding: list[Callable[[], None]] = []


def supply_folding(ask: Callable[[], None]) -> None:
    """Called by the room that folds: `ask` queues the folding of what a big change has appended."""
    _folding.append(ask)


@dataclass(frozen=True)
class Rows:
    """Where persons and their employments are looked for: everywhere, or among rows that are known to hold them all."""

    persons: str = "members_person"
    jobs: str = "members_employment"


_EVERYWHERE = Rows()


def cells_sql(held: str, among: Rows = _EVERYWHERE, cut: int | None = None) -> str:
    """SQL: the cells of today that memberships `m` meeting the condition `held` make up, by union.

    `cut`: add up by the first characters of the path instead; a row may then come more than once.
    """
    path, second = (
        ("m.path", "m.second_path")
        if cut is None
        else (
            f"left(m.path, {cut})",
            f"left(m.second_path, {cut})",
        )
    )
    return f"""
        SELECT CASE WHEN learning THEN 'learning' ELSE 'work' END AS face, place.chain, place.path, sex,
            COALESCE(birth_year, 0)::smallint AS birth_year, COALESCE(form, '') AS form,
            COALESCE(status, '') AS status, COALESCE(migrant, false) AS migrant,
            COALESCE(retained, false) AS retained, COALESCE(education, '') AS education, n
        FROM (
            SELECT region, industry, sex, birth_year, form, status, migrant, retained, education, count(*) AS n,
                GROUPING(education) = 0 AS learning
            FROM (
                SELECT {path} AS region, {second} AS industry, p.sex,
                    EXTRACT(year FROM p.birth)::smallint AS birth_year, e.form, e.status,
                    p.migrant_worker AS migrant, m.standing = 'retained' AS retained, p.education
                FROM members_membership m
                JOIN {among.persons} p ON p.id = m.person_id
                LEFT JOIN {among.jobs} e ON e.person_id = m.person_id AND upper_inf(e.period)
                WHERE upper_inf(m.period) AND ({held})
            ) AS one
            GROUP BY GROUPING SETS ((region, industry, sex, birth_year, form, status, migrant, retained),
                                    (region, industry, sex, education))
        ) AS counted
        CROSS JOIN LATERAL (VALUES ('region', region), ('industry', industry)) AS place (chain, path)
        WHERE place.path <> ''"""


def flows_sql(held: str, among: Rows = _EVERYWHERE, cut: int | None = None) -> str:
    """SQL: by how much the same memberships change the figures, by union and effective day.

    A member counts in a union on the days of the membership on which the union stood there; as of new employment
    forms, on those of them on which the person worked so. `cut`: add up by the first characters of the path instead.
    """
    path = "pl.path" if cut is None else f"left(pl.path, {cut})"
    sums = ", ".join(f"sum(edge.sign * {name})::bigint AS {name}" for name in SUMS)
    # One aggregate, at the end: grouping by union and period first makes as many groups as there are members.
    return f"""
        SELECT pl.chain, {path} AS path, edge.day, {sums}
        FROM (
            SELECT m.organisation_id, m.period AS days, 1 AS members, (p.sex = '2')::int AS women,
                p.migrant_worker::int AS migrant, 0 AS new_form, (m.standing = 'retained')::int AS retained
            FROM members_membership m JOIN {among.persons} p ON p.id = m.person_id
            WHERE {held}
            UNION ALL
            SELECT m.organisation_id, m.period * e.period, 0, 0, 0, 1, 0
            FROM members_membership m
            JOIN {among.jobs} e ON e.person_id = m.person_id AND e.form = '5' AND e.period && m.period
            WHERE {held}
        ) AS counted
        JOIN organisations_placement pl
            ON pl.organisation_id = counted.organisation_id AND pl.period && counted.days
        CROSS JOIN LATERAL (
            VALUES (lower(days * pl.period), 1), (upper(days * pl.period), -1)
        ) AS edge (day, sign)
        WHERE edge.day IS NOT NULL GROUP BY pl.chain, {path}, edge.day
        HAVING {" OR ".join(f"sum(edge.sign * {name}) <> 0" for name in SUMS)}"""


@contextmanager
def of_person(person_id: int) -> Iterator[None]:
    """Around a change of one person's facts, memberships or employments. Holds the person until the end.

    Call it before any other lock is taken: the tree is kept still first.
    """
    tree.keep_still()
    rows = Person.objects.everywhere(reason="the person who is about to change is held")
    list(rows.select_for_update().filter(pk=person_id).values_list("pk"))
    with _once():
        held, values = "m.person_id = %(person)s", {"person": person_id}
        cells, flows = _read(cells_sql(held), values, 1), _read(flows_sql(held), values, len(SUMS))
        yield
        _append("members_celldelta", (*CELL, "n"), _changed(cells, _read(cells_sql(held), values, 1)))
        _append(
            "members_flowdelta",
            (*FLOW, *SUMS),
            _changed(flows, _read(flows_sql(held), values, len(SUMS))),
        )


@contextmanager
def of_persons(person_ids: Sequence[int]) -> Iterator[None]:
    """Around one change of many persons by someone who holds the whole tree (`tree.hold_for_change`)."""
    with _set_based("m.person_id = ANY(%(persons)s)", {"persons": list(person_ids)}):
        yield


@contextmanager
def of_unions(organisation_ids: Iterable[int]) -> Iterator[None]:
    """Around a change of where unions stand, by someone who holds the whole tree: all their members follow."""
    with _set_based("m.organisation_id = ANY(%(unions)s)", {"unions": sorted(set(organisation_ids))}):
        yield


@contextmanager
def of_batch(batch: RosterBatch, *, known: bool = True) -> Iterator[None]:
    """Around the writing of a compared batch: the persons it makes, and those it changes, whom it holds.

    Not `known`: every person of the batch is new.
    """
    tree.keep_still()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT max(id) FROM members_person), (SELECT max(id) FROM members_employment)"
        )
        person, job = (number or 0 for number in cursor.fetchone())
    if known:
        _held_persons(
            """SELECT p.id FROM members_rosterrow r JOIN members_person p ON p.id = r.person_id
               WHERE r.batch_id = %(batch)s AND r.outcome IN ('new', 'changed')""",
            {"batch": batch.pk},
        )
    with _set_based(_KNOWN, {}) if known else _once():
        yield
    # Who is new had contributed nothing before, and stands behind whoever was there: no join over the whole register.
    held = "m.batch_id = %(batch)s AND m.person_id > %(person)s"
    fresh = Rows(
        f"(SELECT * FROM members_person WHERE id > {int(person)})",
        f"(SELECT * FROM members_employment WHERE id > {int(job)})",
    )
    values = {"batch": batch.pk, "person": person}
    with hashing("64MB"):
        rows = _insert_from(cells_sql(held, fresh), values, "members_celldelta", (*CELL, "n"))
        rows += _insert_from(flows_sql(held, fresh), values, "members_flowdelta", (*FLOW, *SUMS))
    _ask_if_many(rows)
    if known:
        _let_go()


@contextmanager
def of_batch_undone(batch: RosterBatch) -> Iterator[None]:
    """Around taking a batch back: everyone whom it made or changed, held."""
    tree.keep_still()
    _held_persons(
        """SELECT p.id FROM members_person p WHERE p.id IN (
               SELECT person_id FROM members_membership WHERE batch_id = %(batch)s
               UNION SELECT person_id FROM members_rosterrow
                     WHERE batch_id = %(batch)s AND person_id IS NOT NULL AND outcome IN ('new', 'changed'))""",
        {"batch": batch.pk},
    )
    with _set_based(_KNOWN, {}):
        yield
    _let_go()


_KNOWN = "m.person_id IN (SELECT id FROM pg_temp.tally_persons)"


def _held_persons(chosen: str, values: Values) -> None:
    """The chosen persons, held in one order until the transaction ends, into a table of this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.tally_persons")
        cursor.execute(
            "CREATE TEMPORARY TABLE tally_persons ON COMMIT DROP AS "
            f"SELECT DISTINCT id FROM ({chosen} ORDER BY p.id FOR UPDATE OF p) AS chosen",
            values,
        )
        cursor.execute("ANALYZE pg_temp.tally_persons")


@contextmanager
def hashing(memory: str) -> Iterator[None]:
    """Whole tables are joined by hashing: the planner cannot foresee what this transaction has just written."""
    with connection.cursor() as cursor:
        for plan in (f"work_mem = '{memory}'", "enable_nestloop = off", "enable_sort = off"):
            cursor.execute(f"SET LOCAL {plan}")
        yield
        for name in ("work_mem", "enable_nestloop", "enable_sort"):
            cursor.execute(f"SET LOCAL {name} TO DEFAULT")


def _let_go() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE pg_temp.tally_persons")


@contextmanager
def _once() -> Iterator[None]:
    """A change inside another would be counted twice."""
    if _open.get():
        raise RuntimeError("a change of members is being counted already; count it once, outside or inside")
    token = _open.set(True)
    try:
        yield
    finally:
        _open.reset(token)


@contextmanager
def _set_based(held: str, values: Values) -> Iterator[None]:
    """The same in the database, for however many: what was is kept in two tables of this transaction."""
    with _once():
        with connection.cursor() as cursor:
            for name, sql in (("cells", cells_sql(held)), ("flows", flows_sql(held))):
                cursor.execute(f"CREATE TEMPORARY TABLE tally_{name} ON COMMIT DROP AS {sql}", values)
        yield
        rows = 0
        for name, sql, table, keys, sums in (
            ("cells", cells_sql(held), "members_celldelta", CELL, ("n",)),
            ("flows", flows_sql(held), "members_flowdelta", FLOW, SUMS),
        ):
            by = ", ".join(keys)
            rows += _insert_from(
                f"""SELECT {by}, {", ".join(f"sum({one})::bigint AS {one}" for one in sums)} FROM (
                        SELECT {by}, {", ".join(sums)} FROM ({sql}) AS present
                        UNION ALL SELECT {by}, {", ".join(f"-{one}" for one in sums)} FROM pg_temp.tally_{name}
                    ) AS both_sides GROUP BY {by} HAVING {" OR ".join(f"sum({one}) <> 0" for one in sums)}""",
                values,
                table,
                (*keys, *sums),
            )
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE pg_temp.tally_cells, pg_temp.tally_flows")
        _ask_if_many(rows)


def _insert_from(sql: str, values: Values, table: str, names: Sequence[str]) -> int:
    with connection.cursor() as cursor:
        listed = ", ".join(names)
        cursor.execute(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM ({sql}) AS found", values)
        return int(cursor.rowcount)


def _read(sql: str, values: Values, sums: int) -> dict[tuple[Any, ...], tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return {row[:-sums]: row[-sums:] for row in cursor.fetchall()}


def _changed(
    before: Mapping[tuple[Any, ...], tuple[int, ...]], after: Mapping[tuple[Any, ...], tuple[int, ...]]
) -> list[tuple[Any, ...]]:
    """Rows to append: what is minus what was, without those that are the same."""
    keys = Counter([*before, *after])
    width = len(next(iter((before or after).values()), ()))
    none = (0,) * width
    found = []
    for key in keys:
        sums = tuple(now - was for now, was in zip(after.get(key, none), before.get(key, none), strict=True))
        if any(sums):
            found.append((*key, *sums))
    return found


def _append(table: str, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    if not rows:
        return
    one = f"({', '.join(['%s'] * len(names))})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([one] * len(rows))}",
            [value for row in rows for value in row],
        )


def _ask_if_many(rows: int) -> None:
    if rows >= MANY:
        for ask in _folding:
            ask()
