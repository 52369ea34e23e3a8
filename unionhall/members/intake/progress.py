"""How far a batch is, told from a second connection: a page sees it while the long transaction is still open."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import psycopg
from django.db import connection

__all__ = ["Progress", "Told"]

#: A listener beside the database: the command line's progress bar. (stage, done, rows)
Told = Callable[[str, int, int], None]


class Progress:
    """Writes stage, done and rows of one batch. It only informs: a failure to write it stops nothing."""

    def __init__(self, batch_id: int, listener: Told | None = None) -> None:
        self.batch_id, self.listener = batch_id, listener
        self._connection: psycopg.Connection[Any] | None = None

    def __enter__(self) -> Self:
        with contextlib.suppress(psycopg.Error):
            parameters = connection.get_connection_params()
            wanted = {
                key: parameters[key]
                for key in ("dbname", "user", "password", "host", "port", "options")
                if parameters.get(key)
            }
            self._connection = psycopg.connect(**wanted, autocommit=True)
            # What is lost in a crash is how far a batch was that has to begin again: no disk is waited for.
            self._connection.execute("SET lock_timeout = '500ms'; SET synchronous_commit = off")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()

    def tell(self, stage: str, done: int = 0, rows: int = 0) -> None:
        """Say what is being done, and how many of how many rows it has reached."""
        if self.listener is not None:
            self.listener(stage, done, rows)
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.execute(
                    "UPDATE members_rosterbatch SET stage = %s, done = %s, rows = greatest(%s, 0) WHERE id = %s",
                    (stage[:60], done, rows, self.batch_id),
                )
