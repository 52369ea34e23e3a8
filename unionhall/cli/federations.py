"""`unionhall federations`: which federations live in this database, how large and how new, and their journal heads."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from .arguments import Parser
from .surroundings import database, load_django


@dataclass(frozen=True, slots=True)
class Federation:
    """One schema of ours. `pending`: migrations of this program that it lacks; `ahead`: those that only it has."""

    name: str
    current: bool
    migrations: int
    pending: int
    ahead: int
    people: int
    unions: int
    journal_head: str
    bytes: int


def found() -> list[Federation]:
    """Federations in the database that this role may look into, by name. Django must be loaded.

    The only place of the program that names schemas: everything else finds one, through search_path.
    """
    from django.conf import settings
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    known = set(MigrationLoader(None).disk_migrations)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname FROM pg_tables WHERE tablename = 'organisations_organisation'"
            " AND has_schema_privilege(schemaname, 'USAGE') ORDER BY 1"
        )
        names = [name for (name,) in cursor.fetchall()]
        return [_look(cursor, name, name == settings.FEDERATION, known) for name in names]


def _look(cursor: Any, schema: str, current: bool, known: set[tuple[str, str]]) -> Federation:
    from psycopg.sql import SQL, Identifier

    def ask(query: str) -> list[tuple[Any, ...]]:
        cursor.execute(SQL(query).format(schema=Identifier(schema)))
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

    applied = set(ask("SELECT app, name FROM {schema}.django_migrations"))
    people = ask("SELECT count(*) FROM {schema}.members_person")[0][0]
    unions = ask("SELECT count(*) FROM {schema}.organisations_organisation")[0][0]
    head = ask("SELECT number, digest FROM {schema}.records_journalblock ORDER BY number DESC LIMIT 1")
    cursor.execute(
        "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class"
        " WHERE relkind IN ('r', 'm') AND relnamespace = to_regnamespace(%s)",
        [schema],
    )
    (size,) = cursor.fetchone()
    return Federation(
        schema, current, len(applied), len(known - applied), len(applied - known), people, unions,
        f"{head[0][0]}:{head[0][1]}" if head else "", size,
    )  # fmt: skip


def _version(one: Federation) -> str:
    if one.ahead:
        return f"比本程序新（多 {one.ahead} 项）"
    return f"有 {one.pending} 项更新未执行" if one.pending else "与本程序一致"


def run(arguments: list[str]) -> int:
    """One line for each; the chosen one is marked. Answers 0 also for an empty database."""
    parser = Parser("federations", "列出这个数据库里的各个联合会：结构版本、人数、日志链头和占用空间。")
    parser.add_argument("--json", action="store_true", help="用 JSON 报告结果")
    options = parser.parse_args(arguments)
    with database():
        load_django()
        from django.db import connections

        federations = found()
        connections.close_all()
    if options.json:
        print(json.dumps([asdict(one) for one in federations], ensure_ascii=False, indent=2))
        return 0
    if not federations:
        print("这个数据库里还没有联合会；请执行 unionhall migrate 建立。")
    for one in federations:
        head = one.journal_head[: one.journal_head.find(":") + 13] or "还没有封存"
        print(
            f"{'*' if one.current else ' '} {one.name}：{one.people:,} 人，{one.unions:,} 个工会，"
            f"{one.bytes / 1e6:,.0f} MB，{_version(one)}，日志链头 {head}"
        )
    return 0
