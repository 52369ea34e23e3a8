"""`ENGINE`: Django's PostgreSQL with a health check that asks nothing, and statements that may be prepared."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.postgresql import base

from .prepared import Kept, Preparing

#: A statement that came so often on a connection is prepared (only inside `preparing`).
PREPARED_AFTER = 3


class DatabaseWrapper(base.DatabaseWrapper):
    """Connections of ours."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        connection.kept = Kept(connection)
        connection._prepared = Preparing(connection.kept)
        connection.prepare_threshold = PREPARED_AFTER
        return connection

    def close_if_health_check_failed(self) -> None:
        """Once per request. A server that ended, or that ended this connection, has sent its farewell: with nothing to
        read the connection stands, and no statement need ask. With something to read Django's check asks."""
        due = self.health_check_enabled and not self.health_check_done  # type: ignore[attr-defined,has-type]
        if self.connection is not None and due:
            self.health_check_done = _is_silent(self.connection)
        super().close_if_health_check_failed()


@contextmanager
def preparing(connection: Any) -> Iterator[None]:
    """Statements inside send their values apart, and PostgreSQL plans them no more once they came a few times."""
    connection.ensure_connection()
    made: Any = connection.connection
    usual, made.cursor_factory = made.cursor_factory, base.ServerBindingCursor
    try:
        yield
    finally:
        made.cursor_factory = usual


def _is_silent(connection: Any) -> bool:
    """Open, with nothing to read."""
    if connection.closed:
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN | select.POLLERR | select.POLLHUP)
    return not poll.poll(0)
