"""The key a value is sealed with: one master, one number, a separate working key for every use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from unionhall.kit.sm.hashing import derive

__all__ = ["SealBroken", "SealKey", "UnknownKey"]

LARGEST_KEY_ID = 0xFFFF


class SealBroken(Exception):
    """The sealed bytes were altered, cut short, moved to another place, or sealed with another key.

    `index` is the place of the first broken value in a batch.
    """

    def __init__(self, reason: str, index: int | None = None) -> None:
        self.index = index
        super().__init__(reason if index is None else f"value {index}: {reason}")


class UnknownKey(SealBroken):
    """The value names a key number that the ring does not hold."""

    def __init__(self, key_id: int, index: int | None = None) -> None:
        self.key_id = key_id
        super().__init__(f"sealed with key {key_id}, which is not in the key ring", index)


@dataclass(frozen=True, slots=True)
class SealKey:
    """Working keys under one key number (1–65535). Make it with `SealKey.from_master`."""

    key_id: int
    single: bytes = field(repr=False)
    batch: bytes = field(repr=False)
    batch_mac: bytes = field(repr=False)
    stream: bytes = field(repr=False)

    @classmethod
    def from_master(cls, key_id: int, master: bytes) -> SealKey:
        """Derives every working key from a master of at least 16 bytes. ValueError otherwise."""
        if not 0 < key_id <= LARGEST_KEY_ID:
            raise ValueError(f"a key number lies between 1 and {LARGEST_KEY_ID}")
        return cls(
            key_id,
            single=derive(master, "seal.single"),
            batch=derive(master, "seal.batch"),
            batch_mac=derive(master, "seal.batch.mac"),
            stream=derive(master, "seal.stream", 32),
        )


def key_from(keys: Mapping[int, SealKey], key_id: int, index: int | None = None) -> SealKey:
    """The key with that number, or `UnknownKey`."""
    try:
        return keys[key_id]
    except KeyError:
        raise UnknownKey(key_id, index) from None
