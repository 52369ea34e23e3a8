"""Text as people type it and as spreadsheets carry it: widths, blanks, headers, formula injection."""

from __future__ import annotations

import re

__all__ = [
    "DECIMAL_ZERO",
    "SCIENTIFIC",
    "clean",
    "header_key",
    "number_of",
    "one_line",
    "safe_cell",
    "strip_blanks",
    "to_half_width",
]

# What a spreadsheet makes of a long number: 4.40E+17, or a float's text with its useless .0.
SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d+)?[eE]\+?\d{1,3}", re.ASCII)
DECIMAL_ZERO = re.compile(r"(\d+)\.0*", re.ASCII)

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
# Marks that a reader cannot see but that break an exact comparison (BOM, zero-width, bidi, soft hyphen).
_UNSEEN = dict.fromkeys(
    [0x00AD, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065)]
)
_TRANSLATION = _HALF_WIDTH | _UNSEEN
_BLANKS = re.compile(r"\s+")
_INLINE_BLANKS = re.compile(r"[^\S\n]+")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_HEADER_NOISE = re.compile(r"[\s*:_\-·、,.;/\\\"'“”‘’]+")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def to_half_width(text: str) -> str:
    """Full-width ASCII and the ideographic space become ordinary ASCII; unseen marks vanish."""
    return text.translate(_TRANSLATION)


def number_of(text: str) -> int | None:
    """A row's number as an address or a form carries it; None for anything else, and for more digits than a key has.

    `"²".isdigit()` holds, and `int` refuses it, as it does thousands of digits.
    """
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def strip_blanks(text: str) -> str:
    """Half-width text without any white space at all, for numbers and codes."""
    return _BLANKS.sub("", to_half_width(text))


def one_line(text: str) -> str:
    """Half-width text on one line, runs of blanks reduced to one space, ends trimmed."""
    return _BLANKS.sub(" ", to_half_width(text)).strip()


def clean(text: str) -> str:
    """A paragraph as typed: unseen marks and trailing blanks go, line breaks and full-width marks stay."""
    lines = (
        text.translate(_UNSEEN).replace("\r\n", "\n").replace("\r", "\n").replace("\u3000", " ").split("\n")
    )
    return "\n".join(_INLINE_BLANKS.sub(" ", line).strip() for line in lines).strip("\n")


def header_key(text: str) -> str:
    """What identifies a column heading: "＊身份证号（必填）" and "身份证号:" are both "身份证号"."""
    half = to_half_width(text)
    bare = _HEADER_NOISE.sub("", _BRACKETED.sub("", half)).lower()
    return bare or _HEADER_NOISE.sub("", half).lower()


def safe_cell(text: str) -> str:
    """Text that a spreadsheet will not run as a formula.

    Source: OWASP "CSV Injection": a leading apostrophe before = + - @, tab or a line break.
    """
    return "'" + text if text.startswith(_FORMULA_STARTS) else text
