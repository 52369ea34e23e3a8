"""The codes that a voucher shows: the short one, and the QR code with the signed one (docs/voucher.md)."""

from datetime import datetime, time, timedelta
from functools import lru_cache

import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from unionhall.foundation.sealing import ring
from unionhall.kit import tokens, vouchers
from unionhall.kit.vouchers import VoucherClaim, VoucherCodeError

from .models import Voucher

__all__ = ["VoucherCodeError", "address_of", "picture", "read", "signed"]


@lru_cache(maxsize=4)
def _signing_key(seed: bytes) -> Ed25519PrivateKey:
    return tokens.private_key_from(seed)


@lru_cache(maxsize=64)
def _verifying_key(public: bytes) -> Ed25519PublicKey:
    return tokens.public_key_from(public)


def signed(voucher: Voucher) -> str:
    """The signed code, good from the moment of taking to the end of the last day."""
    keys = ring()
    over = datetime.combine(voucher.expires_on + timedelta(days=1), time(), timezone.get_default_timezone())
    return vouchers.sign(
        _signing_key(keys.card_seeds[keys.current]),
        keys.current,
        voucher.code,
        voucher.service_id,
        int(voucher.issued_at.timestamp()),
        int(over.timestamp()),
    )


def address_of(voucher: Voucher) -> str:
    """What the QR code says: the merchant's page with the code filled in."""
    return f"{settings.SITE_ADDRESS}/partner/redeem/?code={signed(voucher)}"


def picture(voucher: Voucher) -> SafeString:
    """The QR code as SVG without styles, scaled by the page."""
    svg = segno.make(address_of(voucher), error="m").svg_inline(omitsize=True, border=2)
    return mark_safe(svg)  # noqa: S308 — segno's own drawing of our own code


def read(text: str) -> tuple[str, VoucherClaim | None]:
    """The short code in what was typed or scanned; a signed one is verified first. Raises VoucherCodeError."""
    found = vouchers.normalise(text)
    if len(found) != vouchers.SIGNED_LENGTH:
        return found, None
    keys = {number: _verifying_key(public) for number, public in ring().card_publics.items()}
    claim = vouchers.read_signed(found, keys)
    return claim.code, claim
