"""How personal data looks when it is not revealed. None of these raises: no page may show more by failing."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

__all__ = ["Found", "hide_numbers", "mask_card", "mask_id", "mask_name", "mask_phone", "personal_numbers"]

# As people write them: whole, or in groups with one blank or dash between. Dates, codes, divisions and numbers of
# matters are left as they are. Every branch is bounded, so a text costs what it is long.
_FORMS = re.compile(
    r"""
    (?P<identity>
        # Also inside a longer code: old certificates were numbered by their holder's identity number.
        [1-9]\d\d[ -]?\d{3}[ -]?(?:19|20)\d\d[ -]?(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[ -]?\d{3}[\dXx]
      | (?<!\d)\d{6}[ -]\d{8}[ -]\d{3}[\dXx](?!\d)
      | (?<!\d)[1-9]\d{3}(?:[ -]\d{4}){3}[ -]\d[\dXx](?![0-9A-Za-z])
      | (?<![0-9A-Za-z])[1-9]\d{14}(?![0-9A-Za-z])
    )
  | (?P<mobile>
        # Two capitals before it make a number of the house (站点 ZD13010200012), unless they say what it is.
        (?<!\d)(?:(?<![A-Z]{2})|(?<=[VW]X)|(?<=TEL))(?:(?:\+|00)?86[ -]?)?
        (?:
            1[3-9]\d[ -]?\d{4}[ -]?\d{4}
          | 1[3-9]\d\.\d{4}\.\d{4}
          | 1[3-9]\d\d[ -]\d{3}[ -]\d{4}
          | 1[3-9]\d[ -]\d{3}[ -]\d{5}
          | 1[ -][3-9](?:[ -]\d){9}
        )
        (?!\d)
    )
  | (?P<number>
        (?<![0-9A-Za-z])(?:\d{15,19}|\d{17}[Xx])(?![0-9A-Za-z])
      | (?<!\d)62\d{4}[ -]?\d{10,13}(?!\d)
      | (?<!\d)[3-9]\d{3}(?:[ -]\d{4}){3}(?:[ -]?\d{1,3})?(?!\d)
    )
    """,
    re.ASCII | re.VERBOSE,
)


class _Plain(dict[int, str]):
    """Every character as one that reads the same in ASCII, so that places in the text stay what they are.

    Digits of any script, full-width letters, blanks (also those nobody sees) and dashes; a ① is an item of a list.
    """

    def __missing__(self, code: int) -> str:
        one = chr(code)
        kind = unicodedata.category(one)
        if kind == "Nd":
            plain = str(unicodedata.decimal(one))
        elif kind in ("Zs", "Cf"):
            plain = " "
        elif kind == "Pd" or one == "−":
            plain = "-"
        else:
            alike = unicodedata.normalize("NFKC", one)
            plain = alike if len(alike) == 1 and kind != "No" else one
        self[code] = plain
        return plain


_PLAIN = _Plain()


class Found(NamedTuple):
    """Where a personal number stands: `text[start:end]`. `kind`: identity, mobile, or number (a bank card, say)."""

    start: int
    end: int
    kind: str


def personal_numbers(text: str) -> list[Found]:
    """Resident IDs of both lengths, mobile numbers, bank cards, in the order in which they stand in a text."""
    found = _FORMS.finditer(text.translate(_PLAIN))
    return [Found(one.start(), one.end(), str(one.lastgroup)) for one in found]


def hide_numbers(text: str) -> str:
    """Free text without the personal numbers that people type or paste into it: 429***…, so that it may be kept."""
    pieces: list[str] = []
    done = 0
    for start, end, _ in personal_numbers(text):
        pieces += text[done:start], f"{text[start : start + 3]}******{text[end - 2 : end]}"
        done = end
    return "".join(pieces) + text[done:]


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
