"""SM3, HMAC-SM3 with remembered key contexts, key derivation, and the keyed index of sealed values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

from cryptography.hazmat.primitives import hashes

__all__ = ["INDEX_SIZE", "blind_index", "derive", "hmac_sm3", "sm3", "sm3_hex", "sm3_hex_of"]

BLOCK, INDEX_SIZE = 64, 16


class _Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...
    def copy(self) -> _Digest: ...


class _WheelDigest:
    """SM3 from the cryptography wheel, for interpreters whose own OpenSSL leaves it out."""

    def __init__(self, context: hashes.Hash | None = None) -> None:
        self._context = context or hashes.Hash(hashes.SM3())

    def update(self, data: bytes, /) -> None:
        self._context.update(data)

    def digest(self) -> bytes:
        return self._context.copy().finalize()

    def copy(self) -> _WheelDigest:
        return _WheelDigest(self._context.copy())


def _interpreter_has_sm3() -> bool:
    try:
        hashlib.new("sm3")
    except ValueError:
        return False
    return True


_IN_INTERPRETER = _interpreter_has_sm3()


def _started(data: bytes) -> _Digest:
    if _IN_INTERPRETER:
        return hashlib.new("sm3", data)
    digest = _WheelDigest()
    digest.update(data)
    return digest


def sm3(data: bytes) -> bytes:
    """The 32-byte SM3 digest. Source: GB/T 32905-2016."""
    return _started(data).digest()


def sm3_hex(data: bytes) -> str:
    """The digest as 64 lower-case hexadecimal characters."""
    return sm3(data).hex()


def sm3_hex_of(pieces: Iterable[bytes]) -> str:
    """The same of a text that comes in pieces and is never held whole."""
    digest = _started(b"")
    for piece in pieces:
        digest.update(piece)
    return digest.digest().hex()


@lru_cache(maxsize=64)
def _keyed(key: bytes) -> tuple[_Digest, _Digest]:
    padded = (sm3(key) if len(key) > BLOCK else key).ljust(BLOCK, b"\0")
    inner = _started(bytes(byte ^ 0x36 for byte in padded))
    outer = _started(bytes(byte ^ 0x5C for byte in padded))
    return inner, outer


def hmac_sm3(key: bytes, data: bytes) -> bytes:
    """HMAC over SM3, 32 bytes. Source: RFC 2104 with GB/T 32905; GB/T 15852.2-2012."""
    inner_start, outer_start = _keyed(key)
    inner = inner_start.copy()
    inner.update(data)
    outer = outer_start.copy()
    outer.update(inner.digest())
    return outer.digest()


def derive(master: bytes, purpose: str, length: int = 16) -> bytes:
    """A key for one purpose from a master of at least 16 bytes; up to 32 bytes long. ValueError otherwise."""
    if len(master) < 16:
        raise ValueError("a master key needs at least 16 bytes")
    if not 1 <= length <= 32:
        raise ValueError("a derived key has 1 to 32 bytes")
    return hmac_sm3(master, b"unionhall\0" + purpose.encode() + b"\0" + bytes([length]))[:length]


def blind_index(key: bytes, values: Iterable[bytes]) -> list[bytes]:
    """Keyed SM3 of each value, cut to 16 bytes: equal values find each other, nothing else can be learnt."""
    inner_start, outer_start = _keyed(key)
    found: list[bytes] = []
    for value in values:
        inner = inner_start.copy()
        inner.update(value)
        outer = outer_start.copy()
        outer.update(inner.digest())
        found.append(outer.digest()[:INDEX_SIZE])
    return found
