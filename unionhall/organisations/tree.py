"""What keeps the tree whole: locks, numbering of children, and set-based rewriting of a subtree's paths.

A change of place closes the placements of a whole subtree and opens new ones in one statement, rewrites the paths of
the unions in one, and lets every model that copies a union's path follow in one statement each.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.apps import apps
from django.db import OperationalError, connection, models, transaction
from django.db.models import Max
from django.db.models.functions import Length, Right

from unionhall.foundation.errors import Refused

from . import paths
from .kinds import Chain
from .models import Organisation, Placement

_KEY = "hashtextextended(current_schema() || ':tree', 0)"


def keep_still() -> None:
    """Until the transaction ends no path changes. Whoever copies a path into a row of its own calls this first."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock_shared({_KEY})")


def hold_for_change(seconds: int = 15) -> None:
    """Until the transaction ends nobody else moves or reads paths to copy. Refused when others keep it busy."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{seconds}s"])
            cursor.execute(f"SELECT pg_advisory_xact_lock({_KEY})")
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
    except OperationalError as busy:
        raise Refused("名册导入或其他组织调整正在进行，请几分钟后再试。") from busy


def as_it_stands(organisation: Organisation) -> Organisation:
    """The same union, read anew; until the transaction ends it neither changes its place nor ends."""
    keep_still()
    return Organisation.objects.everywhere(
        reason="whoever does something in a union looks whether it stands"
    ).get(pk=organisation.pk)


def locked(*organisations: Organisation | None) -> list[Organisation]:
    """The same unions, read anew and locked until the transaction ends, in one order so that nobody deadlocks."""
    wanted = [one.pk for one in organisations if one is not None]
    rows = Organisation.objects.everywhere(reason="an action locks the unions it changes")
    found = {one.pk: one for one in rows.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("pk")}
    return [found[pk] for pk in wanted]


def free_segment(parent: Organisation | None) -> str:
    """The next child's segment: one more than any that ever stood under the union in either chain.

    The caller holds the parent's row, or for a root the whole tree.
    """
    rows = Placement.objects.everywhere(reason="numbering counts every child that ever was")
    last = rows.filter(parent=parent).aggregate(last=Max(Right("path", paths.WIDTH)))["last"]
    return paths.following(last)


def last_change_under(*prefixes: str) -> date | None:
    """The latest day on which something under these paths came, moved or left."""
    if not any(prefixes):
        return None
    condition = " OR ".join("path LIKE %s" for prefix in prefixes if prefix)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT max(greatest(lower(period), upper(period))) FROM {_table(Placement)} WHERE {condition}",  # noqa: S608 — our own table name
            [f"{prefix}%" for prefix in prefixes if prefix],
        )
        (day,) = cursor.fetchone()
    return day  # type: ignore[no-any-return]


def last_change_of(path: str) -> date | None:
    """The latest day on which a union that stands under the path now came, moved or left in any chain: also in one that
    it has left since, of which no present path tells."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT max(greatest(lower(p.period), upper(p.period))) FROM {_table(Placement)} p"  # noqa: S608 — our own table names
            f" JOIN {_table(Organisation)} o ON o.id = p.organisation_id WHERE o.path LIKE %s",
            [f"{path}%"],
        )
        (day,) = cursor.fetchone()
    return day  # type: ignore[no-any-return]


def deepest_under(prefix: str, column: str = "path") -> int:
    """Segments of the longest path under the prefix, counted below the prefix."""
    rows = Organisation.objects.everywhere(reason="the depth of a subtree is a fact of the tree")
    longest = (
        rows.filter(**{f"{column}__startswith": prefix})
        .annotate(length=Length(column))
        .aggregate(longest=Max("length"))["longest"]
    )
    return ((longest or len(prefix)) - len(prefix)) // paths.WIDTH


@dataclass(frozen=True)
class Shift:
    """Everything whose path begins with `old` shall begin with `new`, from a day on.

    `chains` are the chains whose placements follow. `top` and `parent`: the moved union and its new superior.
    """

    old: str
    new: str
    on: date
    chains: tuple[str, ...]
    top: int | None = None
    parent: int | None = None
    chain: str = Chain.REGION

    def apply(self) -> set[int]:
        """Rewrite placements and unions. Answers the ids of the unions whose paths changed."""
        names: dict[str, Any] = (
            {"tail": len(self.old) + 1, "like": f"{self.old}%"} | vars(self) | {"chains": list(self.chains)}
        )
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                WITH closed AS (
                    UPDATE {_table(Placement)} SET period = daterange(lower(period), %(on)s::date)
                    WHERE chain = ANY(%(chains)s) AND path LIKE %(like)s AND upper_inf(period)
                    RETURNING organisation_id, chain, parent_id, path)
                INSERT INTO {_table(Placement)} (organisation_id, chain, parent_id, path, period)
                SELECT organisation_id, chain,
                    CASE WHEN organisation_id = %(top)s::bigint AND chain = %(chain)s
                        THEN %(parent)s::bigint ELSE parent_id END,
                    %(new)s || substr(path, %(tail)s), daterange(%(on)s::date, NULL)
                FROM closed
                """,  # noqa: S608
                names,
            )
            cursor.execute(
                f"""
                UPDATE {_table(Organisation)} SET
                    path = CASE WHEN 'region' = ANY(%(chains)s) AND path LIKE %(like)s
                        THEN %(new)s || substr(path, %(tail)s) ELSE path END,
                    second_path = CASE WHEN 'industry' = ANY(%(chains)s) AND second_path LIKE %(like)s
                        THEN %(new)s || substr(second_path, %(tail)s) ELSE second_path END
                WHERE ('region' = ANY(%(chains)s) AND path LIKE %(like)s)
                    OR ('industry' = ANY(%(chains)s) AND second_path LIKE %(like)s)
                RETURNING id
                """,  # noqa: S608
                names,
            )
            return {pk for (pk,) in cursor.fetchall()}


def enter_industry(root: Organisation, second: str, parent: Organisation, on: date) -> set[int]:
    """A union and its branches and groups begin to stand in an industry chain: `second` is the union's path there."""
    names: dict[str, Any] = {"like": f"{root.path}%", "tail": len(root.path) + 1, "second": second, "on": on}
    names |= {"root": root.pk, "parent": parent.pk}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {_table(Organisation)} SET second_path = %(second)s || substr(path, %(tail)s)
            WHERE path LIKE %(like)s RETURNING id
            """,  # noqa: S608
            names,
        )
        touched = {pk for (pk,) in cursor.fetchall()}
        cursor.execute(
            f"""
            INSERT INTO {_table(Placement)} (organisation_id, chain, parent_id, path, period)
            SELECT organisation_id, 'industry',
                CASE WHEN organisation_id = %(root)s THEN %(parent)s ELSE parent_id END,
                %(second)s || substr(path, %(tail)s), daterange(%(on)s::date, NULL)
            FROM {_table(Placement)}
            WHERE chain = 'region' AND path LIKE %(like)s AND upper_inf(period)
            """,  # noqa: S608
            names,
        )
    return touched


def leave_industry(second: str, on: date) -> set[int]:
    """The union at `second` and what stands below it there leave the industry chain."""
    names: dict[str, Any] = {"like": f"{second}%", "on": on}
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {_table(Placement)} SET period = daterange(lower(period), %(on)s::date)
            WHERE chain = 'industry' AND path LIKE %(like)s AND upper_inf(period)
            """,  # noqa: S608
            names,
        )
        cursor.execute(
            f"UPDATE {_table(Organisation)} SET second_path = '' WHERE second_path LIKE %(like)s RETURNING id",  # noqa: S608
            names,
        )
        return {pk for (pk,) in cursor.fetchall()}


def copiers() -> list[type[models.Model]]:
    """Models that copy `path` and `second_path` from a union, named by their `copies_path_from`."""
    return [model for model in apps.get_models() if getattr(model, "copies_path_from", "")]


def follow(organisation_ids: Iterable[int]) -> None:
    """Let every copied path follow its union: one statement per model.

    The lock waits for whoever holds a union's row to copy its path (members.actions reads it FOR KEY SHARE).
    """
    ids = sorted(set(organisation_ids))
    if not ids:
        return
    with connection.cursor() as cursor:
        statement = f"SELECT 1 FROM {_table(Organisation)} WHERE id = ANY(%s) ORDER BY id FOR UPDATE"  # noqa: S608
        cursor.execute(statement, [ids])
        for model in copiers():
            column = model._meta.get_field(model.copies_path_from).column  # type: ignore[attr-defined, union-attr]
            cursor.execute(
                f"""
                UPDATE {_table(model)} copy SET path = o.path, second_path = o.second_path
                FROM {_table(Organisation)} o
                WHERE copy.{column} = o.id AND o.id = ANY(%s)
                    AND (copy.path, copy.second_path) IS DISTINCT FROM (o.path, o.second_path)
                """,  # noqa: S608
                [ids],
            )


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)
