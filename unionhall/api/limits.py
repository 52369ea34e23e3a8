"""How often a client may call: a token bucket in PostgreSQL, right across all worker processes.

The bucket holds a minute's calls and fills evenly; one statement refills, takes and answers, under the row's lock.
"""

import math
from dataclasses import dataclass

from django.db import connection

from .models import Client

# statement_timestamp() is one instant for the whole statement; after waiting for the lock it may lie before `at`.
_LEVEL = "least(%(cap)s, held.tokens + greatest(0, extract(epoch FROM statement_timestamp() - held.at)) * %(rate)s)"
_TAKE = f"""
INSERT INTO api_quota AS held (client_id, tokens, allowed, at)
VALUES (%(client)s, %(cap)s - 1, true, statement_timestamp())
ON CONFLICT (client_id) DO UPDATE SET
    tokens = {_LEVEL} - CASE WHEN {_LEVEL} >= 1 THEN 1 ELSE 0 END,
    allowed = {_LEVEL} >= 1,
    at = greatest(held.at, statement_timestamp())
RETURNING allowed, tokens
"""  # noqa: S608 — two constants of this file


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether the call may go ahead; calls left; seconds until the next one (0 when there is one left)."""

    allowed: bool
    limit: int
    left: int
    seconds: int

    @property
    def headers(self) -> dict[str, str]:
        """draft-ietf-httpapi-ratelimit-headers: the policy, and what is left of it."""
        return {
            "RateLimit-Policy": f'"client";q={self.limit};w=60',
            "RateLimit": f'"client";r={self.left};t={self.seconds}',
        }


def take(client: Client) -> Taken:
    """Count one call. Call it outside a transaction that may be rolled back."""
    cap, rate = float(client.per_minute), client.per_minute / 60
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"client": client.pk, "cap": cap, "rate": rate})
        allowed, tokens = cursor.fetchone()
    wait = 0 if tokens >= 1 else max(1, math.ceil((1 - tokens) / rate))
    return Taken(allowed, client.per_minute, int(tokens), wait)
