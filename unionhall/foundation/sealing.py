"""Sealed values: SM4 in the database, opened only on purpose; and the keyed SM3 index for exact look-up."""

from collections.abc import Sequence
from functools import lru_cache

from django.conf import settings

from unionhall.kit import sm

#: One index purpose per kind of value, so that equal phone and ID digits do not meet.
IDENTITY, PHONE, CODE = "identity", "phone", "code"


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


class Ring:
    """The key ring at work: derived keys are computed once per process."""

    def __init__(self) -> None:
        keys = settings.KEYS
        self.current: int = keys.current
        self.keys = {number: sm.SealKey.from_master(number, key) for number, key in keys.masters.items()}
        self._index = {
            purpose: sm.derive(keys.index, f"index:{purpose}") for purpose in (IDENTITY, PHONE, CODE)
        }
        self.journal = sm.derive(keys.index, "journal")
        self.card_seeds = {number: sm.derive(key, "card", 32) for number, key in keys.masters.items()}

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

    def index_many(self, purpose: str, values: Sequence[str]) -> list[bytes]:
        return sm.blind_index(self._index[purpose], [value.encode() for value in values])


@lru_cache(maxsize=1)
def ring() -> Ring:
    return Ring()


def identity_index(id_type: str, number: str) -> bytes:
    """The look-up key of an identity document: type and normalised number together."""
    return ring().index(IDENTITY, f"{id_type}:{number}")


def phone_index(phone: str) -> bytes:
    return ring().index(PHONE, phone)
