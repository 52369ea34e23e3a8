"""Scalar rules for mobile numbers, names of persons and bank cards; import them from `kit.identifiers`."""

from __future__ import annotations

import re

from unionhall.kit.faults import Fault, IdentifierError
from unionhall.kit.text import DECIMAL_ZERO, SCIENTIFIC, one_line, strip_blanks

__all__ = ["check_bank_card", "normalise_name", "normalise_phone"]

MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_PHONE_NOISE = re.compile(r"[-‐‑‒–—―−().·]")
_SEVERAL = re.compile(r"[/、,，;；|]|或")
_COUNTRY = re.compile(r"(?:\+|00)86|86(?=1\d{10}$)", re.ASCII)
_LANDLINE = re.compile(r"0\d{9,11}(?:转\d+)?|[2-8]\d{6,7}", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)

MIDDLE_DOT = "\u00b7"
HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_HAN = re.compile(f"[{HAN}]")
_DOTS = re.compile("[•・∙･‧⋅●﹒․·᛫]+|·{2,}")
_HAN_DOTS = re.compile(r"[·.]+")
_ANY_DIGIT = re.compile(r"\d")
_HAN_NAME = re.compile(f"[{HAN}A-Za-z]+(?:·[{HAN}A-Za-z]+)*")
_LETTER = r"[^\W\d_]"
_LATIN_NAME = re.compile(rf"{_LETTER}+\.?(?:[ '’\-·]{{1,2}}{_LETTER}+\.?)*")

_CARD_LENGTHS = range(13, 20)


def normalise_phone(text: str) -> str:
    """A mainland mobile number's eleven digits, without +86, blanks or dashes. Raises `IdentifierError`."""
    bare = strip_blanks(text).strip("'`‘’\"")
    if not bare:
        raise IdentifierError(Fault.PHONE_EMPTY)
    if "*" in bare:
        raise IdentifierError(Fault.PHONE_MASKED)
    if SCIENTIFIC.fullmatch(bare):
        raise IdentifierError(Fault.PHONE_SCIENTIFIC)
    if _SEVERAL.search(bare):
        raise IdentifierError(Fault.PHONE_SEVERAL)
    if decimal := DECIMAL_ZERO.fullmatch(bare):
        bare = decimal[1]
    bare = _COUNTRY.sub("", _PHONE_NOISE.sub("", bare), count=1) if not MOBILE.fullmatch(bare) else bare
    if MOBILE.fullmatch(bare):
        return bare
    if _LANDLINE.fullmatch(bare):
        raise IdentifierError(Fault.PHONE_LANDLINE)
    raise IdentifierError(
        Fault.PHONE_LENGTH if _DIGITS.fullmatch(bare) and len(bare) != 11 else Fault.PHONE_FORM
    )


def normalise_name(text: str) -> str:
    """A person's name: dots become U+00B7, blanks inside a Chinese name go. Raises `IdentifierError`.

    Two to fifty characters. Latin names keep single blanks, hyphens, apostrophes and abbreviating points.
    """
    name = one_line(text)
    if not name:
        raise IdentifierError(Fault.NAME_EMPTY)
    if "*" in name:
        raise IdentifierError(Fault.NAME_MASKED)
    if _ANY_DIGIT.search(name):
        raise IdentifierError(Fault.NAME_DIGIT)
    name = _DOTS.sub(MIDDLE_DOT, name)
    if _HAN.search(name):
        name = _HAN_DOTS.sub(MIDDLE_DOT, name.replace(" ", ""))
        pattern = _HAN_NAME
    else:
        pattern = _LATIN_NAME
    if not pattern.fullmatch(name):
        raise IdentifierError(Fault.NAME_SYMBOL)
    if not 2 <= len(name) <= 50:
        raise IdentifierError(Fault.NAME_LENGTH)
    return name


def check_bank_card(text: str) -> str:
    """The digits of a bank card whose Luhn check passes. Raises `IdentifierError`. Source: ISO/IEC 7812-1."""
    number = strip_blanks(text).strip("'`‘’\"").replace("-", "")
    if not number:
        raise IdentifierError(Fault.CARD_EMPTY)
    if SCIENTIFIC.fullmatch(number):
        raise IdentifierError(Fault.CARD_SCIENTIFIC)
    if not _DIGITS.fullmatch(number) or len(number) not in _CARD_LENGTHS:
        raise IdentifierError(Fault.CARD_LENGTH)
    digits = [int(char) for char in reversed(number)]
    total = sum(digits[0::2]) + sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    if total % 10:
        raise IdentifierError(Fault.CARD_CHECKSUM)
    return number
