"""Commercial cryptography (商用密码): SM3 digests, SM4 sealed values and sealed files.

`hashing` has SM3, HMAC-SM3, key derivation and the blind index; `values` seals database values one by one or
by the million; `streams` seals attachments. Sources: GB/T 32905-2016 (SM3), GB/T 32907-2016 (SM4).
"""

from __future__ import annotations

from unionhall.kit.sm.hashing import INDEX_SIZE, blind_index, derive, hmac_sm3, sm3, sm3_hex, sm3_hex_of
from unionhall.kit.sm.keys import SealBroken, SealKey, UnknownKey
from unionhall.kit.sm.streams import open_chunks, open_stream, seal_stream, stream_key_id
from unionhall.kit.sm.values import key_id_of, open_many, open_sealed, seal, seal_many

__all__ = [
    "INDEX_SIZE",
    "SealBroken",
    "SealKey",
    "UnknownKey",
    "blind_index",
    "derive",
    "hmac_sm3",
    "key_id_of",
    "open_chunks",
    "open_many",
    "open_sealed",
    "open_stream",
    "seal",
    "seal_many",
    "seal_stream",
    "sm3",
    "sm3_hex",
    "sm3_hex_of",
    "stream_key_id",
]
