"""Keeping the rollups: fold what changed, rebuild from the register, check against it.

Deltas are rows that actions append (`members.tallying`). Folding takes them away and adds them to the rollup of every
prefix above, in one transaction: whoever reads both sees each change once, before and after. One folder at a time.
"""

# ruff: noqa: S608 - the statements are built from our own table and column names
from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from unionhall.members.tallying import CELL, SUMS, cells_sql, flows_sql, hashing
from unionhall.organisations import tree
from unionhall.organisations.paths import WIDTH

__all__ = ["CELL_DEPTH", "FLOW_DEPTH", "Difference", "check", "fold", "is_trusted", "rebuild"]

#: For prefixes of how many segments today's cells, and the flows by day, are kept.
CELL_DEPTH, FLOW_DEPTH = 4, 3

_KEY = "hashtextextended(current_schema() || '.insights.rollup', 0)"


@dataclass(frozen=True)
class _Rollup:
    """A rollup table: what its rows are known by, what they sum, and how both come from the spread deltas."""

    table: str
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    source: str

    def upsert(self, sql: str) -> str:
        """SQL that adds the rows of another statement."""
        keys, sums = ", ".join(self.keys), ", ".join(self.sums)
        added = ", ".join(f"{one} = {self.table}.{one} + EXCLUDED.{one}" for one in self.sums)
        return (
            f"INSERT INTO {self.table} ({keys}, {sums}) SELECT {keys}, {sums} FROM ({sql}) AS added "
            f"ORDER BY {keys} ON CONFLICT ({keys}) DO UPDATE SET {added}"
        )

    def less(self, sql: str, *taken: str) -> str:
        """SQL: the rows of a statement minus those of others, where anything is left."""
        keys, sums = ", ".join(self.keys), ", ".join(self.sums)
        minus = ", ".join(f"-{one}" for one in self.sums)
        parts = [f"SELECT {keys}, {sums} FROM ({sql}) AS a"]
        parts += [f"SELECT {keys}, {minus} FROM ({other}) AS b" for other in taken]
        both, by = " UNION ALL ".join(parts), _by(self.keys, self.sums)
        return f"SELECT {keys}, {_summed(self.sums)} FROM ({both}) AS sides {by}"

    @property
    def swept(self) -> str:
        """SQL that removes rows in which nothing is left."""
        return f"DELETE FROM {self.table} WHERE {' AND '.join(f'{one} = 0' for one in self.sums)}"


def _summed(sums: tuple[str, ...]) -> str:
    return ", ".join(f"sum({one})::bigint AS {one}" for one in sums)


def _by(keys: tuple[str, ...], sums: tuple[str, ...]) -> str:
    return f"GROUP BY {', '.join(keys)} HAVING {' OR '.join(f'sum({one}) <> 0' for one in sums)}"


_WORK = ("path", "chain", "sex", "birth_year", "form", "status", "migrant", "retained")
_TOTALS = f"""
    SELECT path, chain, sum(n)::bigint AS members, {
    ", ".join(
        f"COALESCE(sum(n) FILTER (WHERE {condition}), 0)::bigint AS {name}"
        for name, condition in (
            ("women", "sex = '2'"),
            ("migrant", "migrant"),
            ("new_form", "form = '5'"),
            ("retained", "retained"),
        )
    )
} FROM {{cells}} WHERE face = 'work' GROUP BY path, chain"""

_CELL_ROLLUPS = (
    _Rollup(
        "insights_workcell", _WORK, ("n",), f"SELECT {', '.join(_WORK)}, n FROM {{cells}} WHERE face = 'work'"
    ),
    _Rollup(
        "insights_learningcell",
        ("path", "chain", "sex", "education"),
        ("n",),
        "SELECT path, chain, sex, education, n FROM {cells} WHERE face = 'learning'",
    ),
    _Rollup("insights_membertotal", ("path", "chain"), SUMS, _TOTALS),
)
_FLOW_ROLLUP = _Rollup(
    "insights_memberflow", ("path", "chain", "grain", "day"), SUMS, "SELECT * FROM {flows}"
)
_ROLLUPS = (*_CELL_ROLLUPS, _FLOW_ROLLUP)


def _widths(depth: int) -> str:
    """SQL: the lengths of prefixes that are kept, for rows with a path."""
    values = ", ".join(f"({number * WIDTH})" for number in range(1, depth + 1))
    return f"JOIN (VALUES {values}) AS kept (width) ON kept.width <= length(path)"


def _deepest_cells(base: str) -> str:
    """SQL: cells of unions, added up for the deepest prefixes kept: few rows are then spread to those above."""
    rest = ", ".join(name for name in CELL if name != "path")
    path = f"left(path, {CELL_DEPTH * WIDTH})"
    return f"SELECT {rest}, {path} AS path, sum(n) AS n FROM ({base}) AS own GROUP BY {rest}, {path} HAVING sum(n) <> 0"


def _spread_cells(deepest: str) -> str:
    """SQL: cells of the deepest prefixes, added up for every prefix."""
    rest = ", ".join(name for name in CELL if name != "path")
    return f"""
        SELECT left(path, width) AS path, {rest}, sum(n)::bigint AS n
        FROM ({deepest}) AS deepest {_widths(CELL_DEPTH)}
        GROUP BY left(path, width), {rest} HAVING sum(n) <> 0"""


def _deepest_flows(base: str) -> str:
    path = f"left(path, {FLOW_DEPTH * WIDTH})"
    return (
        f"SELECT chain, {path} AS path, day, {_summed(SUMS)} FROM ({base}) AS own GROUP BY chain, {path}, day"
    )


def _spread_flows(deepest: str) -> str:
    """SQL: flows of the deepest prefixes, added up for every prefix, by days and by months."""
    return f"""
        SELECT left(path, width) AS path, chain, grain.name AS grain, grain.day, {_summed(SUMS)}
        FROM ({deepest}) AS deepest {_widths(FLOW_DEPTH)}
        CROSS JOIN LATERAL (VALUES ('day', day), ('month', date_trunc('month', day)::date)) AS grain (name, day)
        GROUP BY left(path, width), chain, grain.name, grain.day
        HAVING {" OR ".join(f"sum({one}) <> 0" for one in SUMS)}"""


_FOLD_CELLS = f"""
WITH taken AS MATERIALIZED (DELETE FROM members_celldelta RETURNING {", ".join(CELL)}, n),
spread AS MATERIALIZED ({_spread_cells(_deepest_cells("SELECT * FROM taken"))}),
{", ".join(f"into_{n} AS ({one.upsert(one.source.format(cells='spread'))})" for n, one in enumerate(_CELL_ROLLUPS))}
SELECT count(*) FROM taken"""
_FOLD_FLOWS = f"""
WITH taken AS MATERIALIZED (DELETE FROM members_flowdelta RETURNING chain, path, day, {", ".join(SUMS)}),
spread AS MATERIALIZED ({_spread_flows(_deepest_flows("SELECT * FROM taken"))}),
into_0 AS ({_FLOW_ROLLUP.upsert(_FLOW_ROLLUP.source.format(flows="spread"))})
SELECT count(*) FROM taken"""


def is_trusted() -> bool:
    """Whether the rollups have been built: by the migration of an empty register, or by `rebuild`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM insights_rollupstate")
        return bool(cursor.fetchone()[0])


def fold() -> int | None:
    """Take the deltas into the rollups; answers how many. None when another process is at it just now.

    Writers are not waited for: what they commit later is folded next time. An installation that came from a version
    without rollups is built first.
    """
    if not is_trusted():
        return rebuild()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_try_advisory_xact_lock({_KEY})")
        if not cursor.fetchone()[0]:
            return None
        cursor.execute(_FOLD_CELLS)
        (cells,) = cursor.fetchone()
        cursor.execute(_FOLD_FLOWS)
        (flows,) = cursor.fetchone()
        if cells or flows:
            _sweep()
        cursor.execute("UPDATE insights_rollupstate SET folded_at = statement_timestamp()")
        return int(cells + flows)


def _sweep() -> None:
    with connection.cursor() as cursor:
        for one in _ROLLUPS:
            cursor.execute(one.swept)


@contextmanager
def _one_moment() -> Iterator[None]:
    """Register, rollups and deltas as of one moment; nobody else folds meanwhile.

    On its own: one snapshot, for which no writer waits. What a writer commits later is in neither the register nor
    the deltas that are seen. Inside a transaction that already runs: the tree is held, so that all writers wait.
    """
    if connection.in_atomic_block:
        tree.hold_for_change()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_xact_lock({_KEY})")
        yield
        return
    with connection.cursor() as cursor:
        # Before the transaction, whose snapshot is taken with its first statement.
        cursor.execute(f"SELECT pg_advisory_lock({_KEY})")
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_unlock({_KEY})")


@contextmanager
def _counted_plainly() -> Iterator[None]:
    """The register counted by a plain GROUP BY, in the temporary tables plain_cells and plain_flows."""
    cells = _spread_cells(cells_sql("true", cut=CELL_DEPTH * WIDTH))
    flows = _spread_flows(flows_sql("true", cut=FLOW_DEPTH * WIDTH))
    with connection.cursor() as cursor:
        # Everyone is read.
        with hashing("256MB"):
            cursor.execute(f"CREATE TEMPORARY TABLE plain_cells ON COMMIT DROP AS {cells}")
            cursor.execute(f"CREATE TEMPORARY TABLE plain_flows ON COMMIT DROP AS {flows}")
        yield
        cursor.execute("DROP TABLE pg_temp.plain_cells, pg_temp.plain_flows")


def rebuild() -> int:
    """Make the rollups equal to the register; answers how many rows had to be put right. Writers are not stopped."""
    with _one_moment(), _counted_plainly(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM members_celldelta")
        cursor.execute("DELETE FROM members_flowdelta")
        changed = 0
        for one in _ROLLUPS:
            plain = one.source.format(cells="pg_temp.plain_cells", flows="pg_temp.plain_flows")
            cursor.execute(one.upsert(one.less(plain, f"SELECT * FROM {one.table}")))
            changed += cursor.rowcount
        _sweep()
        cursor.execute(
            "INSERT INTO insights_rollupstate (id, rebuilt_at, folded_at) "
            "VALUES (1, statement_timestamp(), statement_timestamp()) "
            "ON CONFLICT (id) DO UPDATE SET rebuilt_at = EXCLUDED.rebuilt_at, folded_at = EXCLUDED.folded_at"
        )
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            for table in (*(one.table for one in _ROLLUPS), "members_celldelta", "members_flowdelta"):
                cursor.execute(f"VACUUM (ANALYZE) {table}")
    return int(changed)


@dataclass(frozen=True)
class Difference:
    """A rollup row that is not what the register says: table, key, and by how much it is short of it."""

    table: str
    key: dict[str, str]
    short: dict[str, int]


def check(most: int = 20) -> tuple[int, list[Difference]]:
    """How many rows of rollups and unfolded deltas together differ from a plain GROUP BY, and the first of them."""
    found: list[Difference] = []
    count = 0
    with _one_moment(), _counted_plainly(), connection.cursor() as cursor:
        cells = f"({_spread_cells(_deepest_cells('SELECT * FROM members_celldelta'))}) AS spread"
        flows = f"({_spread_flows(_deepest_flows('SELECT * FROM members_flowdelta'))}) AS spread"
        for one in _ROLLUPS:
            plain = one.source.format(cells="pg_temp.plain_cells", flows="pg_temp.plain_flows")
            unfolded = one.source.format(cells=cells, flows=flows)
            cursor.execute(one.less(plain, f"SELECT * FROM {one.table}", unfolded))
            count += cursor.rowcount
            width = len(one.keys)
            for row in cursor.fetchall()[: most - len(found)]:
                key = {name: str(value) for name, value in zip(one.keys, row, strict=False)}
                short = dict(zip(one.sums, row[width:], strict=True))
                found.append(Difference(one.table, key, short))
    return count, found
