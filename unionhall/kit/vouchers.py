"""A voucher's two codes: a short one to read aloud and type, and a signed one that a reader checks without a network.

The short code is ten characters without look-alikes (no I, L, O, U): nine of chance (45 bits) and one that catches a
wrong or swapped character. The signed code is base32 in capitals (RFC 4648, unpadded) over, big-endian:
kind 3 (1) ‖ key number (1) ‖ short code as a number (8) ‖ service (4) ‖ from, Unix seconds (4) ‖ until (4)
‖ Ed25519 signature (64, RFC 8032). It holds no personal data. The keys are those of the membership cards, under a
context of their own, so neither passes for the other.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from unionhall.kit.text import to_half_width

__all__ = [
    "CONTEXT", "KIND", "SIGNED_LENGTH", "VoucherClaim", "VoucherCodeError", "new_short", "normalise", "read_signed",
    "short_of", "sign", "spaced",
]  # fmt: skip

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: What people type for what they read.
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})
_DATA = 9
_LARGEST = 1 << (5 * _DATA)
_PRIME = 31
KIND = 3
CONTEXT = b"unionhall.voucher.1\0"
_CLAIM = struct.Struct(">BBQIII")
SIGNED_LENGTH = -(-(_CLAIM.size + 64) * 8 // 5)


class VoucherCodeError(ValueError):
    """A code that is none of ours; `message_zh` tells the reader what to do."""

    def __init__(self, message_zh: str) -> None:
        self.message_zh = message_zh
        super().__init__(message_zh)


@dataclass(frozen=True, slots=True)
class VoucherClaim:
    """What a genuine signed code says. Times are Unix seconds; `until` is the first second at which it is over."""

    key_id: int
    code: str
    service: int
    start: int
    until: int


def new_short() -> str:
    """A fresh short code. Whoever stores it holds it unique."""
    return short_of(secrets.randbelow(_LARGEST))


def short_of(number: int) -> str:
    """The short code of a number below 2^45."""
    if not 0 <= number < _LARGEST:
        raise ValueError("a short code holds 45 bits")
    data = "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(_DATA)))
    return data + ALPHABET[_check(data)]


def _check(data: str) -> int:
    return sum((place + 1) * ALPHABET.index(character) for place, character in enumerate(data)) % _PRIME


def _number(short: str) -> int:
    number = 0
    for character in short[:_DATA]:
        number = number << 5 | ALPHABET.index(character)
    return number


def spaced(short: str) -> str:
    """4F7K92QDXT → 4F7K9 2QDXT, as people read it."""
    return f"{short[:5]} {short[5:]}"


def normalise(text: str) -> str:
    """The short or signed code in what somebody typed or scanned (also the whole address). Raises VoucherCodeError."""
    bare = to_half_width(text).strip().rstrip("/")
    for mark in ("code=", "/"):
        bare = bare.rsplit(mark, 1)[-1]
    bare = "".join(bare.split("&")[0].split()).replace("-", "").upper()
    if len(bare) == SIGNED_LENGTH:
        return bare
    short = bare.translate(_MISREAD)
    if len(short) != _DATA + 1 or any(character not in ALPHABET for character in short):
        raise VoucherCodeError("这不是服务券码。券码是 10 位字母和数字，或扫描会员出示的二维码。")
    if ALPHABET[_check(short[:_DATA])] != short[_DATA]:
        raise VoucherCodeError("券码有一位不对，请对照会员手机上的券码重新输入。")
    return short


def sign(private_key: Ed25519PrivateKey, key_id: int, code: str, service: int, start: int, until: int) -> str:
    """The signed code of a voucher. ValueError when a number does not fit."""
    try:
        claim = _CLAIM.pack(KIND, key_id, _number(code), service, start, until)
    except struct.error as error:
        raise ValueError(f"a number does not fit into the voucher's code: {error}") from None
    return base64.b32encode(claim + private_key.sign(CONTEXT + claim)).decode("ascii").rstrip("=")


def read_signed(token: str, public_keys: Mapping[int, Ed25519PublicKey]) -> VoucherClaim:
    """What a genuine signed code claims; whether it is in time is asked by the reader. Raises VoucherCodeError."""
    try:
        raw = base64.b32decode(token + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError):
        raise VoucherCodeError("这不是服务券码。请让会员打开“我的券”后重新扫码。") from None
    if len(raw) != _CLAIM.size + 64 or base64.b32encode(raw).decode().rstrip("=") != token:
        raise VoucherCodeError("这不是服务券码。请让会员打开“我的券”后重新扫码。")
    claim, signature = raw[: _CLAIM.size], raw[_CLAIM.size :]
    kind, key_id, number, service, start, until = _CLAIM.unpack(claim)
    if kind != KIND or number >= _LARGEST:
        raise VoucherCodeError("这不是服务券码。如果是会员卡，请到“核验会员卡”页面核验。")
    if key_id not in public_keys:
        raise VoucherCodeError("无法核对这个券码的签名。请联网更新验证密钥后再试。")
    try:
        public_keys[key_id].verify(signature, CONTEXT + claim)
    except InvalidSignature:
        raise VoucherCodeError("券码的签名不对，可能是伪造的，请不要接受。") from None
    return VoucherClaim(key_id, short_of(number), service, start, until)
