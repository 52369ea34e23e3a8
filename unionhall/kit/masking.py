"""How personal data looks when it is not revealed. None of these raises: no page may show more by failing."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from unionhall.kit.identifiers import IdentifierError, check_bank_card, resident_id_checksum

__all__ = ["Found", "hide_numbers", "mask_card", "mask_id", "mask_name", "mask_phone", "personal_numbers"]

# As people write them: whole, or in groups with blanks or dashes between. Dates, codes, divisions, sums and numbers of
# matters are left as they are. Every branch is bounded, so a text costs what it is long.
_FORMS = re.compile(
    r"""
    (?P<identity>
        # Also inside a longer code: old certificates were numbered by their holder's identity number.
        [1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx]
      | (?<![0-9A-Za-z])[1-9]\d{14}(?![0-9A-Za-z])
    )
  | (?P<identity_in_groups>
        (?<!\d)[1-9]\d\d[ -]?\d{3}[ -]?(?:19|20)\d\d[ -]?(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[ -]?\d{3}[\dXx]
        (?!\d)
      | (?<!\d)[1-9]\d{3}[ -]\d\d(?:19|20)[ -]\d\d(?:0[1-9]|1[0-2])[ -](?:0[1-9]|[12]\d|3[01])\d\d[ -]\d[\dXx]
        (?![0-9A-Za-z])
    )
  | (?P<mobile>
        # So begin eleven digits that are a station's (ZD13010200012) or a grid cell's number.
        (?<!\d)(?<!ZD)(?<!WG)(?:(?:\+|00)?86[ -]?)?
        (?:
            1[3-9]\d{9}
          | 1[3-9]\d(?:[ ]{1,2}\d{4}[ ]{1,2}\d{4}(?![ ]?元)|-\d{4}-\d{4}|\.\d{4}\.\d{4})
          | 1[3-9]\d(?:[ ]{1,2}|-)(?!(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))\d{8}
          | 1[3-9]\d\d(?:[ ]{1,2}\d{3}[ ]{1,2}\d{4}|-\d{3}-\d{4})
          | 1[3-9]\d(?:[ ]{1,2}\d{3}[ ]{1,2}\d{5}|-\d{3}-\d{5})
          | 1[ -][3-9](?:[ -]\d){9}
        )
        (?!\d)
    )
    # Seven digits and four may be a sum and a year: only where it is said what they are.
  | (?:电话|手机|微信|号码|联系方式)(?:号码|[号是为: (]){0,4}(?P<mobile_said>1[3-9]\d{5}(?:[ ]{1,2}|-)\d{4}(?!\d))
  | (?P<mobile_abroad>(?<!\d)(?:\+|00)?86[ -]?1[3-9]\d{5}(?:[ ]{1,2}|-)\d{4}(?!\d))
  | (?P<number>
        (?<![0-9A-Za-z])(?:\d{15,19}|\d{17}[Xx])(?![0-9A-Za-z])
      | (?<!\d)62\d{4}[ -]?\d{10,13}(?!\d)
    )
  | (?P<number_in_groups>
        (?<!\d)(?P<four>[3-9]\d{3}(?:(?:[ ]{1,2}|-)\d{4}){2}(?:[ ]{1,2}|-)\d{4,7})
        (?:[ -]\d{1,3})?(?!\d|[ ]?元)
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
    plain, place = text.translate(_PLAIN), 0
    found: list[Found] = []
    while (one := _FORMS.search(plain, place)) is not None:
        form = str(one.lastgroup)
        start, end = one.start(form), _end(one, form)
        if end is None:
            place = start + 1
            continue
        found.append(Found(start, end, form.split("_")[0]))
        place = end
    return found


def _end(one: re.Match[str], form: str) -> int | None:
    """Where the number ends; None where groups of digits are something else: sums in a row, the number of a matter."""
    if form == "identity_in_groups":
        return one.end() if _is_identity(_bare(one[form])) else None
    if form == "number_in_groups":
        return next((one.end(part) for part in (form, "four") if _is_card(one[part])), None)
    return one.end(form)


def _bare(number: str) -> str:
    return number.replace(" ", "").replace("-", "").upper()


def _is_identity(number: str) -> bool:
    """The holder was born in the last century, or the check character fits: matters too are numbered by days."""
    return number[6:8] == "19" or resident_id_checksum(number[:17]) == number[17]


def _is_card(number: str) -> bool:
    """Groups that all end in 0 are sums. A card of UnionPay (62…) counts also with a digit mistaken."""
    if all(group.endswith("0") for group in re.split("[ -]+", number)):
        return False
    if number.startswith("62"):
        return True
    try:
        check_bank_card(number)
    except IdentifierError:
        return False
    return True


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
