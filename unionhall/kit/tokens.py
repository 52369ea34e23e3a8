"""The code on a membership card: signed with Ed25519, read without a network, holding no personal data.

A token is base32 in capitals (RFC 4648, unpadded) so that a QR code stays in its small alphanumeric mode.
Layout: kind (1) ‖ key number (1) ‖ card number (8) ‖ start, Unix seconds (4) ‖ lifetime, seconds (4) ‖ flags (1)
‖ signature (64, RFC 8032). The phone shows a new token every 30 seconds; a paper code lives for 180 days.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = [
    "PAPER_SECONDS",
    "TOKEN_LENGTH",
    "WINDOW_SECONDS",
    "CardClaim",
    "CardKind",
    "TokenError",
    "TokenFault",
    "new_private_key",
    "private_key_bytes",
    "private_key_from",
    "public_key_bytes",
    "public_key_from",
    "read_card",
    "sign_card",
    "window_start",
]

WINDOW_SECONDS = 30
PAPER_SECONDS = 180 * 86_400
_CLAIM = struct.Struct(">BBQIIB")
_SIGNATURE = 64
_CONTEXT = b"unionhall.card.1\0"
TOKEN_LENGTH = -(-(_CLAIM.size + _SIGNATURE) * 8 // 5)


class CardKind(IntEnum):
    """What shows the code."""

    LIVE = 1
    PAPER = 2


class TokenFault(StrEnum):
    """Why a code is refused."""

    MALFORMED = "token.malformed"
    UNKNOWN_KEY = "token.unknown_key"
    FORGED = "token.forged"
    EARLY = "token.early"
    EXPIRED = "token.expired"


_MESSAGES = {
    TokenFault.MALFORMED: "这不是会员码。请让会员打开“我的会员卡”后重新扫码。",
    TokenFault.UNKNOWN_KEY: "无法核对这个会员码的签名。请联网更新验证密钥后再试。",
    TokenFault.FORGED: "会员码的签名不对，可能是伪造的。请当面核对证件。",
    TokenFault.EARLY: "会员码还没有生效。请检查两台设备的时间是否准确。",
    TokenFault.EXPIRED: "会员码已过期。请让会员刷新后重新出示；纸质会员卡请到所在工会换发。",
}


class TokenError(ValueError):
    """A code that must not be accepted; `message_zh` tells the reader what to do."""

    def __init__(self, code: TokenFault) -> None:
        self.code = code
        self.message_zh = _MESSAGES[code]
        super().__init__(self.message_zh)


@dataclass(frozen=True, slots=True)
class CardClaim:
    """What a valid code says. `start` is Unix seconds; `flags` are the issuer's eight bits."""

    kind: CardKind
    key_id: int
    card: int
    start: int
    ttl_seconds: int
    flags: int

    @property
    def expires(self) -> int:
        """The Unix second at which the code's own lifetime is over, tolerance not counted."""
        return self.start + self.ttl_seconds


def window_start(now: int) -> int:
    """The start of the 30-second window that holds `now` (Unix seconds)."""
    return now - now % WINDOW_SECONDS


def sign_card(
    private_key: Ed25519PrivateKey,
    key_id: int,
    card: int,
    start: int,
    ttl_seconds: int = WINDOW_SECONDS,
    flags: int = 0,
    *,
    kind: CardKind = CardKind.LIVE,
) -> str:
    """The token of a card number (or row id) for a time. ValueError when a number does not fit."""
    try:
        claim = _CLAIM.pack(kind, key_id, card, start, ttl_seconds, flags)
    except struct.error as error:
        raise ValueError(f"a number does not fit into the card's code: {error}") from None
    return _encode(claim + private_key.sign(_CONTEXT + claim))


def read_card(token: str, public_keys: Mapping[int, Ed25519PublicKey], now: int) -> CardClaim:
    """What a genuine and current token claims. Raises `TokenError`; `now` is Unix seconds.

    One window of tolerance on either side allows for clocks that differ and for the time to scan.
    """
    raw = _decode(token)
    claim, signature = raw[: _CLAIM.size], raw[_CLAIM.size :]
    kind, key_id, card, start, ttl_seconds, flags = _CLAIM.unpack(claim)
    try:
        card_kind = CardKind(kind)
    except ValueError:
        raise TokenError(TokenFault.MALFORMED) from None
    if key_id not in public_keys:
        raise TokenError(TokenFault.UNKNOWN_KEY)
    try:
        public_keys[key_id].verify(signature, _CONTEXT + claim)
    except InvalidSignature:
        raise TokenError(TokenFault.FORGED) from None
    found = CardClaim(card_kind, key_id, card, start, ttl_seconds, flags)
    if now < found.start - WINDOW_SECONDS:
        raise TokenError(TokenFault.EARLY)
    if now >= found.expires + WINDOW_SECONDS:
        raise TokenError(TokenFault.EXPIRED)
    return found


def _encode(raw: bytes) -> str:
    return base64.b32encode(raw).decode("ascii").rstrip("=")


def _decode(token: str) -> bytes:
    text = token.strip().upper()
    if len(text) != TOKEN_LENGTH or not text.isascii():
        raise TokenError(TokenFault.MALFORMED)
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error:
        raise TokenError(TokenFault.MALFORMED) from None
    # Spare bits of the last character must be zero, or one code would have several spellings.
    if _encode(raw) != text:
        raise TokenError(TokenFault.MALFORMED)
    return raw


def new_private_key() -> Ed25519PrivateKey:
    """A fresh signing key."""
    return Ed25519PrivateKey.generate()


def private_key_from(seed: bytes) -> Ed25519PrivateKey:
    """The signing key of a 32-byte seed (for instance `sm.derive(master, "card.sign", 32)`)."""
    return Ed25519PrivateKey.from_private_bytes(seed)


def private_key_bytes(key: Ed25519PrivateKey) -> bytes:
    """The 32-byte seed of a signing key."""
    return key.private_bytes_raw()


def public_key_from(raw: bytes) -> Ed25519PublicKey:
    """The verifying key of its 32 bytes."""
    return Ed25519PublicKey.from_public_bytes(raw)


def public_key_bytes(key: Ed25519PrivateKey | Ed25519PublicKey) -> bytes:
    """The 32 bytes of a verifying key, to hand to whoever reads cards offline."""
    return (key.public_key() if isinstance(key, Ed25519PrivateKey) else key).public_bytes_raw()
