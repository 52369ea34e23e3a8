"""The embedded PostgreSQL: found, started, shared, recovered and stopped without an administrator.

    with Server(home) as server:
        psycopg.connect(**server.connection())

Every user of a home holds a lock that the kernel drops when the user is gone; a small guardian process keeps
PostgreSQL running while anyone holds it and then shuts it down. Pure Python: no Django here.
"""

from .binaries import Binaries, find_binaries
from .errors import NotRunning, PostgresError
from .layout import DATABASE, USER, Layout
from .server import Server, Status, connection, ensure_running, status

__all__ = [
    "DATABASE",
    "USER",
    "Binaries",
    "Layout",
    "NotRunning",
    "PostgresError",
    "Server",
    "Status",
    "connection",
    "ensure_running",
    "find_binaries",
    "status",
]
