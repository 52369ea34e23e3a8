"""The first roster of a register: indexes are built over the finished rows instead of kept up row by row.

That takes memberships, employment and cards away from everyone else until the commit ends, so it is done only where
hardly anyone can miss them: nobody stands in the register yet. Persons stay as they are, because every desk page asks
who its account is. It is one transaction; a commit that fails or is killed leaves everything as it was.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import DatabaseError, connection, models, transaction

from unionhall.foundation.bare import bare, can_be_bared

from ..models import Card, Employment, Membership, Person, RosterBatch
from .progress import Progress

__all__ = ["WORTH", "bare_if_first"]

log = logging.getLogger("unionhall.intake")

#: Smaller rosters are written in two or three seconds either way.
WORTH = 20_000
_TABLES: tuple[type[models.Model], ...] = (Membership, Employment, Card)
_NAMES = [model._meta.db_table for model in _TABLES]
_FILLED = [f"EXISTS (SELECT FROM {name})" for name in (Person._meta.db_table, *_NAMES)]
_EMPTY = f"SELECT NOT ({' OR '.join(_FILLED)})"
# Whoever is in the tables now is not waited for: everybody else would queue up behind this lock.
_LOCK = f"LOCK TABLE {', '.join(_NAMES)} IN ACCESS EXCLUSIVE MODE NOWAIT"


@contextmanager
def bare_if_first(batch: RosterBatch, progress: Progress) -> Iterator[bool]:
    """Around the writing of a batch: whether its tables are bare, as they are where the register is empty.

    The caller holds the transaction and the lock of commits.
    """

    def report(done: int, total: int) -> None:
        progress.tell("建立索引", batch.rows * 99 // 100, batch.rows)

    with ExitStack() as stack:
        is_bare = False
        if batch.rows >= WORTH and _is_empty():
            try:
                # Turning back to the savepoint gives the locks back as well.
                with transaction.atomic():
                    _take()
                    stack.enter_context(bare(_TABLES, report, outward=False, made=(Person,)))
                is_bare = True
            except DatabaseError as failure:
                log.info("the first roster is written the ordinary way: %s", type(failure.__cause__).__name__)
        yield is_bare


class _SomebodyCame(DatabaseError):
    """The register was empty until it was locked."""


def _is_empty() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY)
        (empty,) = cursor.fetchone()
    return bool(empty)


def _take() -> None:
    """Lock the tables; DatabaseError when somebody uses them, has filled them, or they are not ours to alter."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
    if not _is_empty() or not can_be_bared(_TABLES):
        raise _SomebodyCame
