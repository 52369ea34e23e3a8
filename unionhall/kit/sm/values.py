"""Sealed database values: SM4-GCM for one, SM4-CTR with an SM4-CBC-MAC over whole batches.

Both forms say what they are: byte 0 the form, bytes 1–2 the key number, then a 12-byte random nonce, the
ciphertext (as long as the plaintext) and a 16-byte tag. `aad` binds a value to its place.
The batch form is encrypt-then-MAC; its first MAC block states all lengths: no message is another's prefix.
A random nonce allows some 4 billion values a key (NIST SP 800-38D, 8.3): rotate long before.
"""

from __future__ import annotations

import os
import struct
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from unionhall.kit.sm.hashing import sm3
from unionhall.kit.sm.keys import SealBroken, SealKey, key_from

__all__ = ["key_id_of", "open_many", "open_sealed", "seal", "seal_many"]

Bytes = npt.NDArray[np.uint8]

SINGLE, BATCH = 1, 2
BLOCK, NONCE, TAG, HEAD = 16, 12, 16, 3
OVERHEAD = HEAD + NONCE + TAG
_HEAD = struct.Struct(">BH")
# Bytes of keystream held at once.
_SLICE = 1 << 20


def seal(key: SealKey, plaintext: bytes, aad: bytes = b"") -> bytes:
    """One value sealed with SM4-GCM."""
    head = _HEAD.pack(SINGLE, key.key_id)
    nonce = os.urandom(NONCE)
    encryptor = Cipher(algorithms.SM4(key.single), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(head + aad)
    return head + nonce + encryptor.update(plaintext) + encryptor.finalize() + encryptor.tag


def open_sealed(keys: Mapping[int, SealKey], blob: bytes, aad: bytes = b"") -> bytes:
    """The plaintext of one value of either form. Raises `SealBroken` (or its `UnknownKey`)."""
    return open_many(keys, [blob], aad)[0]


def key_id_of(blob: bytes) -> int:
    """The number of the key a value was sealed with. Raises `SealBroken` when it is no sealed value."""
    return _head_of(blob)[1]


def seal_many(key: SealKey, plaintexts: Sequence[bytes], aad: bytes = b"") -> list[bytes]:
    """Every value sealed, in order; each with its own random nonce. About a million short values a second."""
    sealed: list[bytes] = [b""] * len(plaintexts)
    for length, places in _by_length(plaintexts).items():
        for part in _slices(places, length):
            rows = _matrix([plaintexts[place] for place in part], length)
            _put(sealed, part, _seal_rows(key, rows, aad))
    return sealed


def open_many(keys: Mapping[int, SealKey], blobs: Sequence[bytes], aad: bytes = b"") -> list[bytes]:
    """The plaintexts, in order, of values of any form and key. Raises `SealBroken` naming a broken one."""
    opened: list[bytes] = [b""] * len(blobs)
    batches: dict[tuple[int, int], list[int]] = defaultdict(list)
    for index, blob in enumerate(blobs):
        form, key_id = _head_of(blob, index)
        if form == SINGLE:
            opened[index] = _open_single(key_from(keys, key_id, index), blob, aad, index)
        else:
            batches[key_id, len(blob)].append(index)
    for (key_id, length), places in batches.items():
        key = key_from(keys, key_id, places[0])
        for part in _slices(places, length):
            rows = _matrix([blobs[place] for place in part], length)
            _put(opened, part, _open_rows(key, rows, aad, part))
    return opened


def _head_of(blob: bytes, index: int | None = None) -> tuple[int, int]:
    if len(blob) < OVERHEAD:
        raise SealBroken("too short for a sealed value", index)
    form, key_id = _HEAD.unpack_from(blob)
    if form not in (SINGLE, BATCH):
        raise SealBroken(f"unknown form {form}", index)
    return form, key_id


def _open_single(key: SealKey, blob: bytes, aad: bytes, index: int) -> bytes:
    nonce, ciphertext, tag = blob[HEAD : HEAD + NONCE], blob[HEAD + NONCE : -TAG], blob[-TAG:]
    decryptor = Cipher(algorithms.SM4(key.single), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(blob[:HEAD] + aad)
    try:
        return decryptor.update(ciphertext) + decryptor.finalize()
    except InvalidTag:
        raise SealBroken("the tag does not fit", index) from None


def _seal_rows(key: SealKey, rows: Bytes, aad: bytes) -> Bytes:
    count, length = rows.shape
    head = _HEAD.pack(BATCH, key.key_id)
    sealed = np.empty((count, length + OVERHEAD), np.uint8)
    sealed[:, :HEAD] = np.frombuffer(head, np.uint8)
    nonces = np.frombuffer(os.urandom(NONCE * count), np.uint8).reshape(count, NONCE)
    sealed[:, HEAD : HEAD + NONCE] = nonces
    sealed[:, HEAD + NONCE : -TAG] = rows ^ _keystream(key.batch, nonces, length)
    sealed[:, -TAG:] = _tags(key, sealed[:, :-TAG], aad)
    return sealed


def _open_rows(key: SealKey, rows: Bytes, aad: bytes, places: Sequence[int]) -> Bytes:
    wrong = (_tags(key, rows[:, :-TAG], aad) ^ rows[:, -TAG:]).any(axis=1)
    if wrong.any():
        raise SealBroken("the tag does not fit", places[int(wrong.argmax())])
    nonces, ciphertext = rows[:, HEAD : HEAD + NONCE], rows[:, HEAD + NONCE : -TAG]
    return ciphertext ^ _keystream(key.batch, nonces, ciphertext.shape[1])


def _keystream(key: bytes, nonces: Bytes, length: int) -> Bytes:
    """CTR keystream of many nonces in one ECB pass: nonce ‖ 32-bit counter from zero."""
    blocks = -(-length // BLOCK)
    counters = np.empty((len(nonces), blocks, BLOCK), np.uint8)
    counters[:, :, :NONCE] = nonces[:, None, :]
    counters[:, :, NONCE:] = np.arange(blocks, dtype=">u4").view(np.uint8).reshape(blocks, 4)
    return _ecb(key, counters).reshape(len(nonces), blocks * BLOCK)[:, :length]


def _tags(key: SealKey, rows: Bytes, aad: bytes) -> Bytes:
    """CBC-MAC of every row at once; all rows have one length, and the first block states it."""
    count, length = rows.shape
    blocks = -(-length // BLOCK)
    padded = np.zeros((count, blocks * BLOCK), np.uint8)
    padded[:, :length] = rows
    # Lengths and place (by its SM3 digest) are the same for all rows: these two blocks need one pass.
    stated = np.frombuffer(_ecb_bytes(key.batch_mac, struct.pack(">QQ", length, len(aad))), np.uint8)
    state = _ecb(key.batch_mac, stated ^ np.frombuffer(sm3(aad)[:BLOCK], np.uint8))
    for block in range(blocks):
        state = _ecb(key.batch_mac, state ^ padded[:, block * BLOCK : (block + 1) * BLOCK])
    return state


def _ecb(key: bytes, blocks: Bytes) -> Bytes:
    return np.frombuffer(_ecb_bytes(key, np.ascontiguousarray(blocks).tobytes()), np.uint8).reshape(
        blocks.shape
    )


def _ecb_bytes(key: bytes, blocks: bytes) -> bytes:
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()  # noqa: S305 - the primitive of CTR and MAC
    return encryptor.update(blocks) + encryptor.finalize()


def _by_length(values: Sequence[bytes]) -> dict[int, list[int]]:
    places: dict[int, list[int]] = defaultdict(list)
    for index, value in enumerate(values):
        places[len(value)].append(index)
    return places


def _slices(places: Sequence[int], length: int) -> list[Sequence[int]]:
    step = max(1, _SLICE // (length + OVERHEAD + BLOCK))
    return [places[start : start + step] for start in range(0, len(places), step)]


def _matrix(values: Sequence[bytes], length: int) -> Bytes:
    return np.frombuffer(b"".join(values), np.uint8).reshape(len(values), length)


def _put(target: list[bytes], places: Sequence[int], rows: Bytes) -> None:
    width, flat = rows.shape[1], np.ascontiguousarray(rows).tobytes()
    for row, place in enumerate(places):
        target[place] = flat[row * width : (row + 1) * width]
