"""Sealed values: SM4 in the database, opened only on purpose; and the keyed SM3 index for exact look-up.

A running process follows `keys.json`: it looks at most every two seconds whether the file changed, and at once when a
value names a key that it does not know. So a key may be added, used and retired without restarting anything.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence

from django.conf import settings

from unionhall.kit import sm, tokens

from . import indexing
from .keys import Keys, KeysUnreadable, from_environment, load_keys

log = logging.getLogger("unionhall.keys")

#: One index purpose per kind of value, so that equal phone and ID digits do not meet.
IDENTITY, PHONE, CODE, BANK = "identity", "phone", "code", "bank"
#: How long a process may go on with a ring that was replaced; `unionhall keys` waits longer than this.
FOLLOW_SECONDS = 2.0


class Sealed:
    """A sealed value as read from the database. Printing it shows nothing; `reveal()` opens it."""

    __slots__ = ("blob",)

    def __init__(self, blob: bytes) -> None:
        self.blob = blob

    def reveal(self) -> str:
        """The plain value. Callers that show it to people journal why (members.actions.reveal)."""
        return ring().open(self.blob)

    def __repr__(self) -> str:
        return "<sealed>"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self.blob == other.blob

    def __hash__(self) -> int:
        return hash(self.blob)


class _Held(dict[int, sm.SealKey]):
    """Sealing keys by number; one that is missing may have come into the file a moment ago."""

    def __missing__(self, number: int) -> sm.SealKey:
        newer = follow()
        if number in newer.masters:
            return sm.SealKey.from_master(number, newer.masters[number])
        raise KeyError(number)


class Ring:
    """The key ring at work: derived keys are computed once per process and ring."""

    def __init__(self, keys: Keys) -> None:
        self.source = keys
        self.current: int = keys.current
        self.keys = _Held(
            {number: sm.SealKey.from_master(number, key) for number, key in keys.masters.items()}
        )
        self._index = {
            (number, purpose): sm.derive(key, f"index:{purpose}")
            for number, key in keys.indexes.items()
            for purpose in (IDENTITY, PHONE, CODE, BANK)
        }
        #: The journal's key follows the index key; old ones verify what was sealed under them.
        self.journals = {number: sm.derive(key, "journal") for number, key in keys.indexes.items()}
        self.journals |= keys.journals
        self.card_seeds = {number: sm.derive(key, "card", 32) for number, key in keys.masters.items()}
        #: Public halves of the card keys, also of masters that were retired: paper lives for half a year.
        self.card_publics = dict(keys.cards) | {
            number: tokens.public_key_bytes(tokens.private_key_from(seed))
            for number, seed in self.card_seeds.items()
        }

    @property
    def journal(self) -> bytes:
        return self.journals[indexing.number(self.source)]

    def seal(self, value: str) -> bytes:
        return sm.seal(self.keys[self.current], value.encode())

    def seal_many(self, values: Sequence[str | None]) -> list[bytes | None]:
        """Seal a column at once (vectorised); None stays None."""
        present = [value.encode() for value in values if value is not None]
        blobs = iter(sm.seal_many(self.keys[self.current], present))
        return [None if value is None else next(blobs) for value in values]

    def open(self, blob: bytes) -> str:
        return sm.open_sealed(self.keys, bytes(blob)).decode()

    def open_many(self, blobs: Sequence[bytes | None]) -> list[str | None]:
        present = [bytes(blob) for blob in blobs if blob is not None]
        values = iter(sm.open_many(self.keys, present))
        return [None if blob is None else next(values).decode() for blob in blobs]

    def index(self, purpose: str, value: str) -> bytes:
        """The 16-byte keyed SM3 of a normalised value: equal values meet, nothing else is learnt."""
        return self.index_many(purpose, [value])[0]

    def index_many(self, purpose: str, values: Sequence[str], number: int | None = None) -> list[bytes]:
        """The index of each value, under the key that the database is at (or `number`, while it is changed)."""
        chosen = indexing.number(self.source) if number is None else number
        return sm.blind_index(self._index[chosen, purpose], [value.encode() for value in values])


_ring: Ring | None = None
_looked = 0.0
_seen: tuple[int, int, int] | None = None


def ring() -> Ring:
    """The ring of this moment."""
    global _ring
    if time.monotonic() - _looked > FOLLOW_SECONDS:
        follow()
    if _ring is None or _ring.source is not settings.KEYS:
        _ring = Ring(settings.KEYS)
    return _ring


def follow() -> Keys:
    """Take up `keys.json` if it changed since it was read; answers the keys in force. A broken file changes nothing."""
    global _looked, _seen
    _looked = time.monotonic()
    if from_environment(os.environ):
        return settings.KEYS
    try:
        stat = os.stat(settings.HOME / "keys.json")
        stamp = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        if stamp != _seen:
            use(load_keys(settings.HOME, os.environ))
            _seen = stamp
    except (OSError, KeysUnreadable) as failure:
        log.warning("the key file could not be read again error=%s", type(failure).__name__)
    return settings.KEYS


def use(keys: Keys) -> None:
    """Go on with another ring, also for sessions and cookies."""
    if keys == settings.KEYS:
        return
    settings.KEYS, settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = keys, keys.secret, list(keys.secrets)
    log.info("keys taken up current=%s masters=%s", keys.current, sorted(keys.masters))


def identity_text(id_type: str, number: str) -> str:
    """What the index of an identity document covers: type and normalised number together."""
    return f"{id_type}:{number}"


def identity_index(id_type: str, number: str) -> bytes:
    """The look-up key of an identity document."""
    return ring().index(IDENTITY, identity_text(id_type, number))


def phone_index(phone: str) -> bytes:
    return ring().index(PHONE, phone)


def bank_index(number: str) -> bytes:
    """The look-up key of a bank account number."""
    return ring().index(BANK, number)
