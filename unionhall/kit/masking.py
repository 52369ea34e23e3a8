"""How personal data looks when it is not revealed. None of these raises: no page may show more by failing."""

from __future__ import annotations

__all__ = ["mask_card", "mask_id", "mask_name", "mask_phone"]


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
