"""How often a secret may be guessed, so that guessing is hopeless and nobody can lock another person out.

Delays grow with failures and end by themselves. What counts failures is always a pair: a name *and* a known device, a
name *and* a network. So strangers use up their own tries, never those of the owner's device or of another network.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from unionhall.foundation import throttling
from unionhall.foundation.throttling import Wait


@dataclass(frozen=True)
class Tier:
    """At most `limit` failures in `per`; the tiers of one kind together make the growing delay."""

    limit: int
    per: timedelta


@dataclass(frozen=True)
class Kind:
    """One sort of guess: its bucket and tiers, shortest first."""

    bucket: str
    tiers: Sequence[Tier]


def _minutes(limit: int, minutes: float) -> Tier:
    return Tier(limit, timedelta(minutes=minutes))


_DAY = 24 * 60
#: A name's password from one known device or one network.
PASSWORD = Kind("password", (_minutes(5, 1), _minutes(10, 15), _minutes(20, 120), _minutes(40, _DAY)))
#: Passwords of any names from one network: an office of a thousand is behind one address.
NETWORK = Kind("password-network", (_minutes(50, 10), _minutes(200, 120), _minutes(600, _DAY)))
#: Strangers' failures for one name over all networks: beyond it each try costs work, never a refusal.
NAME = Kind("password-name", (_minutes(30, 60),))
#: Whoever is asked for it has given the right password.
SECOND = Kind("second", (_minutes(5, 5), _minutes(10, 60)))
IDENTITY = Kind("identity", (_minutes(8, 60),))
OWNER = Kind("owner", (_minutes(3, _DAY),))


def waiting(kind: Kind, key: str) -> Wait | None:
    """How long until another try is open; None when it is open now."""
    found = [throttling.waiting(_bucket(kind, tier), key, limit=tier.limit) for tier in kind.tiers]
    return max((wait for wait in found if wait), key=lambda wait: wait.seconds, default=None)


def take(kind: Kind, key: str) -> Wait | None:
    """Count a try before it is judged, so that tries at once can't pass the limit; None when it may go ahead.

    Outside the transaction that may be refused. `succeeded` gives the tries back.
    """
    found = [throttling.take(_bucket(kind, tier), key, limit=tier.limit, per=tier.per) for tier in kind.tiers]
    return max((wait for wait in found if wait), key=lambda wait: wait.seconds, default=None)


def succeeded(kind: Kind, key: str) -> None:
    """Forget the tries: the owner is here."""
    for tier in kind.tiers:
        throttling.release(_bucket(kind, tier), key)


def words(wait: Wait) -> str:
    """The wait as people read it."""
    if wait.seconds < 120:
        return f"{wait.seconds} 秒"
    minutes = -(-wait.seconds // 60)
    return f"{minutes} 分钟" if minutes < 120 else f"{-(-minutes // 60)} 小时"


def _bucket(kind: Kind, tier: Tier) -> str:
    return f"{kind.bucket}-{int(tier.per.total_seconds())}"
