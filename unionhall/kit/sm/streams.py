"""Sealed files: SM4-CTR with an HMAC-SM3 tag on every chunk, so that a large attachment never sits in memory.

Layout: "UHS" 0x01 ‖ key number (2) ‖ salt (16), then chunks of: flags and length (4) ‖ ciphertext ‖ tag (16).
Each file has its own keys, derived from the salt. A tag covers place, last-chunk flag, length, `aad` and
ciphertext: chunks cannot be altered, dropped, repeated, reordered, cut off or appended unnoticed.
"""

from __future__ import annotations

import hmac
import os
import struct
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Protocol

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from unionhall.kit.sm.hashing import hmac_sm3, sm3
from unionhall.kit.sm.keys import SealBroken, SealKey, key_from

__all__ = ["CHUNK", "open_chunks", "open_stream", "seal_stream", "stream_key_id"]

MAGIC, SALT, TAG, CHUNK = b"UHS\x01", 16, 16, 1 << 16
_HEAD = struct.Struct(">4sH16s")
_PREFIX = struct.Struct(">I")
_LAST = 1 << 31


class Source(Protocol):
    """Anything that reads bytes; a short read is not taken for the end."""

    def read(self, size: int, /) -> bytes: ...


def seal_stream(key: SealKey, source: Source, sink: BinaryIO, aad: bytes = b"") -> int:
    """Reads `source` to its end and writes it sealed; answers the number of plaintext bytes."""
    salt = os.urandom(SALT)
    sink.write(_HEAD.pack(MAGIC, key.key_id, salt))
    mac_key, cipher = _file_keys(key, salt)
    encryptor = cipher.encryptor()
    place = total = 0
    chunk = _read(source, CHUNK)
    while True:
        following = _read(source, CHUNK) if len(chunk) == CHUNK else b""
        prefix = _PREFIX.pack(len(chunk) | (0 if following else _LAST))
        ciphertext = encryptor.update(chunk)
        sink.write(prefix + ciphertext + _tag(mac_key, place, prefix, aad, ciphertext))
        total += len(chunk)
        if not following:
            return total
        chunk, place = following, place + 1


def open_chunks(keys: Mapping[int, SealKey], source: Source, aad: bytes = b"") -> Iterator[bytes]:
    """The plaintext by verified chunks. Raises `SealBroken`, and then what came before is void too."""
    head = _read(source, _HEAD.size)
    if len(head) != _HEAD.size or not head.startswith(MAGIC):
        raise SealBroken("this is not a sealed file")
    _, key_id, salt = _HEAD.unpack(head)
    mac_key, cipher = _file_keys(key_from(keys, key_id), salt)
    decryptor = cipher.decryptor()
    place, last = 0, False
    while not last:
        prefix = _read(source, _PREFIX.size)
        if len(prefix) != _PREFIX.size:
            raise SealBroken("the file ends too early")
        (number,) = _PREFIX.unpack(prefix)
        last, length = bool(number & _LAST), number & ~_LAST
        if length > CHUNK:
            raise SealBroken("a chunk states an impossible length")
        sealed = _read(source, length + TAG)
        if len(sealed) != length + TAG:
            raise SealBroken("the file ends too early")
        ciphertext, tag = sealed[:length], sealed[length:]
        if not hmac.compare_digest(tag, _tag(mac_key, place, prefix, aad, ciphertext)):
            raise SealBroken(f"the tag of chunk {place} does not fit")
        place += 1
        if last and source.read(1):
            raise SealBroken("something was appended to the file")
        yield decryptor.update(ciphertext)


def stream_key_id(source: Source) -> int:
    """The number of the key a file was sealed with. Raises `SealBroken` when it is no sealed file."""
    head = _read(source, _HEAD.size)
    if len(head) != _HEAD.size or not head.startswith(MAGIC):
        raise SealBroken("this is not a sealed file")
    return int(_HEAD.unpack(head)[1])


def open_stream(keys: Mapping[int, SealKey], source: Source, sink: BinaryIO, aad: bytes = b"") -> int:
    """Writes the plaintext to `sink`; answers its length. On `SealBroken` the caller discards the sink."""
    total = 0
    for chunk in open_chunks(keys, source, aad):
        sink.write(chunk)
        total += len(chunk)
    return total


def _file_keys(key: SealKey, salt: bytes) -> tuple[bytes, Cipher[modes.CTR]]:
    cipher_key = hmac_sm3(key.stream, b"file.cipher\0" + salt)[:16]
    mac_key = hmac_sm3(key.stream, b"file.mac\0" + salt)
    # The key is this file's alone, so the counter may start at zero.
    return mac_key, Cipher(algorithms.SM4(cipher_key), modes.CTR(bytes(16)))


def _tag(mac_key: bytes, place: int, prefix: bytes, aad: bytes, ciphertext: bytes) -> bytes:
    return hmac_sm3(mac_key, struct.pack(">Q", place) + prefix + sm3(aad) + ciphertext)[:TAG]


def _read(source: Source, size: int) -> bytes:
    """Exactly `size` bytes, fewer only at the end."""
    parts: list[bytes] = []
    while size > 0 and (part := source.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
