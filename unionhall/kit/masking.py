"""How personal data looks when it is not revealed. None of these raises: no page may show more by failing."""

from __future__ import annotations

import re

__all__ = ["hide_numbers", "mask_card", "mask_id", "mask_name", "mask_phone"]

# Resident IDs of both lengths, mobile numbers, bank cards. Dates, codes and numbers of matters are left as they are.
_PERSONAL = re.compile(
    r"(?<![0-9A-Za-z])(?:\d{17}[\dXx]|\d{15}|\d{16,19}|1[3-9]\d{9})(?![0-9A-Za-z])"
    r"|(?<![\d-])1[3-9]\d[ -]\d{4}[ -]\d{4}(?![\d-])"
    r"|(?<!\d)\d{6}[ -]\d{8}[ -]\d{3}[\dXx](?!\d)"
)


def hide_numbers(text: str) -> str:
    """Free text without the personal numbers that people type or paste into it: 429***…, so that it may be kept."""
    return _PERSONAL.sub(lambda found: f"{found[0][:3]}******{found[0][-2:]}", text)


def mask_name(name: str) -> str:
    """张三丰 → 张*: the first character; the star hides how long the rest is."""
    return f"{name[0]}*" if len(name) > 1 else "*" * len(name)


def mask_id(number: str) -> str:
    """11010119900307002X → 110***********002X; shorter documents keep the first and last two."""
    length = len(number)
    if length >= 15:
        return number[:3] + "*" * (length - 7) + number[-4:]
    if length >= 7:
        return number[0] + "*" * (length - 3) + number[-2:]
    return "*" * length


def mask_phone(number: str) -> str:
    """13800001234 → 138****1234; anything that is not eleven characters keeps only its last two."""
    length = len(number)
    if length == 11:
        return f"{number[:3]}****{number[-4:]}"
    return "*" * (length - 2) + number[-2:] if length > 4 else "*" * length


def mask_card(number: str) -> str:
    """A bank card keeps its last four digits: **** 1234."""
    return f"**** {number[-4:]}" if len(number) >= 8 else "*" * len(number)
