"""Scalar rules for what people write on forms: ID numbers, credit codes, phones, names, bank cards.

Every `check_*` and `normalise_*` answers the clean value or raises `IdentifierError` with a Chinese sentence.
Whether a county code existed in the birth year is deliberately not checked: real, valid cards fail that test.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from unionhall.kit.codes import Sex
from unionhall.kit.contacts import check_bank_card, normalise_name, normalise_phone
from unionhall.kit.faults import Fault, IdentifierError
from unionhall.kit.text import DECIMAL_ZERO, SCIENTIFIC, strip_blanks

__all__ = [
    "DocumentFacts",
    "Fault",
    "IdType",
    "IdentifierError",
    "ResidentIdFacts",
    "check_bank_card",
    "check_document",
    "check_hmt_residence",
    "check_resident_id",
    "check_uscc",
    "is_union_uscc",
    "make_resident_id",
    "make_uscc",
    "normalise_name",
    "normalise_phone",
    "normalise_resident_id",
    "oldest_birth",
    "resident_id_checksum",
    "uscc_checksum",
]

OLDEST_AGE = 130
ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
ID_CHECK_CHARACTERS = "10X98765432"
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = tuple(pow(3, power, 31) for power in range(17))
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
HMT_DIVISIONS = ("810000", "820000", "830000")
UNION_PREFIXES = ("81", "89")

ID_FORM = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)
_TO_X = str.maketrans("xХхΧχ×✕", "XXXXXXX")
_ASCII_UPPER = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_QUOTES = "'`‘’\""


class IdType(StrEnum):
    """Kinds of identity document that a member may register with."""

    RESIDENT = "resident"
    HMT_RESIDENCE = "hmt_residence"
    HK_MACAO_PERMIT = "hk_macao_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    FOREIGN_PERMANENT = "foreign_permanent"
    PASSPORT = "passport"

    @property
    def label(self) -> str:
        """The Chinese name shown on forms."""
        return _ID_LABELS[self]

    @classmethod
    def from_text(cls, text: str) -> IdType | None:
        """The kind meant by a label, a code or a usual short name; None when not recognised."""
        key = strip_blanks(text)
        return _ID_NAMES.get(key)


_ID_LABELS = {
    IdType.RESIDENT: "居民身份证",
    IdType.HMT_RESIDENCE: "港澳台居民居住证",
    IdType.HK_MACAO_PERMIT: "港澳居民来往内地通行证",
    IdType.TAIWAN_PERMIT: "台湾居民来往大陆通行证",
    IdType.FOREIGN_PERMANENT: "外国人永久居留身份证",
    IdType.PASSPORT: "护照",
}
_ID_NAMES = {
    **{label: kind for kind, label in _ID_LABELS.items()},
    **{kind.value: kind for kind in IdType},
    "身份证": IdType.RESIDENT,
    "二代身份证": IdType.RESIDENT,
    "第二代身份证": IdType.RESIDENT,
    "居住证": IdType.HMT_RESIDENCE,
    "港澳居民居住证": IdType.HMT_RESIDENCE,
    "台湾居民居住证": IdType.HMT_RESIDENCE,
    "回乡证": IdType.HK_MACAO_PERMIT,
    "港澳通行证": IdType.HK_MACAO_PERMIT,
    "台胞证": IdType.TAIWAN_PERMIT,
    "外国人永久居留证": IdType.FOREIGN_PERMANENT,
    "五星卡": IdType.FOREIGN_PERMANENT,
    "外国护照": IdType.PASSPORT,
    "普通护照": IdType.PASSPORT,
}


@dataclass(frozen=True, slots=True)
class ResidentIdFacts:
    """What an 18-digit number says: birth date, sex, and the six-digit division of first registration."""

    number: str
    birth: date
    sex: Sex
    division_code: str


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What any accepted document number says; birth and sex are None where the number does not carry them."""

    id_type: IdType
    number: str
    birth: date | None = None
    sex: Sex | None = None
    division_code: str = ""


def oldest_birth(today: date) -> date:
    """The earliest birth date still believable: `OLDEST_AGE` years before today."""
    year = today.year - OLDEST_AGE
    return date(year, today.month, min(today.day, calendar.monthrange(year, today.month)[1]))


def resident_id_checksum(first_17: str) -> str:
    """The 18th character for 17 digits. Source: GB 11643-1999, ISO 7064 MOD 11-2."""
    total = sum(weight * int(digit) for weight, digit in zip(ID_WEIGHTS, first_17, strict=True))
    return ID_CHECK_CHARACTERS[total % 11]


def make_resident_id(division: str, birth: date, sequence: int) -> str:
    """A well-formed number for demonstrations and tests; an odd sequence (0–999) is male."""
    first_17 = f"{division}{birth:%Y%m%d}{sequence:03d}"
    return first_17 + resident_id_checksum(first_17)


def normalise_resident_id(text: str) -> str:
    """Widths, blanks, Excel's leading apostrophe and look-alikes of X put right; never raises."""
    bare = strip_blanks(text).strip(_QUOTES)
    return bare.translate(_TO_X) if len(bare) == 18 else bare.translate(_ASCII_UPPER)


def check_resident_id(text: str, today: date) -> ResidentIdFacts:
    """A mainland resident ID number taken apart. Raises `IdentifierError`. Source: GB 11643-1999."""
    number = _id_shape(text)
    if number.startswith(("81", "82", "83")):
        raise IdentifierError(Fault.ID_IS_HMT)
    if number.startswith("9"):
        raise IdentifierError(Fault.ID_IS_FOREIGN)
    return _id_facts(number, today)


def check_hmt_residence(text: str, today: date) -> ResidentIdFacts:
    """A Hong Kong, Macao or Taiwan residence permit number.

    Source: 《港澳台居民居住证申领发放办法》 (国办发〔2018〕81号): 810000, 820000, 830000,
    same check character.
    """
    number = _id_shape(text)
    if not number.startswith(HMT_DIVISIONS):
        raise IdentifierError(Fault.HMT_FORM)
    return _id_facts(number, today)


def check_document(id_type: IdType, text: str, today: date) -> DocumentFacts:
    """Any accepted document number. Raises `IdentifierError`.

    The forms of permits and passports are general knowledge (m2): shape only, no check character.
    """
    if id_type is IdType.RESIDENT:
        return _as_document(id_type, check_resident_id(text, today))
    if id_type is IdType.HMT_RESIDENCE:
        return _as_document(id_type, check_hmt_residence(text, today))
    number = re.sub(r"[()\-]", "", strip_blanks(text).strip(_QUOTES)).translate(_ASCII_UPPER)
    if not number:
        raise IdentifierError(Fault.ID_EMPTY)
    if "*" in number:
        raise IdentifierError(Fault.ID_MASKED)
    if id_type is IdType.FOREIGN_PERMANENT and len(number) == 18:
        return _foreign_facts(number, today)
    pattern, fault = _DOCUMENT_FORMS[id_type]
    if not pattern.fullmatch(number):
        raise IdentifierError(fault)
    return DocumentFacts(id_type, number)


_DOCUMENT_FORMS = {
    IdType.HK_MACAO_PERMIT: (re.compile(r"[HM]\d{8}(?:\d{2})?", re.ASCII), Fault.PERMIT_HK_MACAO),
    IdType.TAIWAN_PERMIT: (re.compile(r"\d{8}|\d{10}[A-Z]?", re.ASCII), Fault.PERMIT_TAIWAN),
    IdType.FOREIGN_PERMANENT: (re.compile(r"[A-Z]{3}\d{12}", re.ASCII), Fault.FOREIGN_FORM),
    IdType.PASSPORT: (re.compile(r"(?=[A-Z]*\d)[A-Z\d]{5,15}", re.ASCII), Fault.PASSPORT_FORM),
}


def _as_document(id_type: IdType, facts: ResidentIdFacts) -> DocumentFacts:
    return DocumentFacts(id_type, facts.number, facts.birth, facts.sex, facts.division_code)


def _foreign_facts(number: str, today: date) -> DocumentFacts:
    """The 18-digit card since December 2023: 9, place, nationality, birth, order, check (m2)."""
    if not ID_FORM.fullmatch(number) or not number.startswith("9"):
        raise IdentifierError(Fault.FOREIGN_FORM)
    facts = _id_facts(number, today)
    return DocumentFacts(IdType.FOREIGN_PERMANENT, number, facts.birth, facts.sex)


def _id_shape(text: str) -> str:
    """The normalised 18 characters, or the reason why they are none."""
    number = normalise_resident_id(text)
    if not number:
        raise IdentifierError(Fault.ID_EMPTY)
    if "*" in number:
        raise IdentifierError(Fault.ID_MASKED)
    if SCIENTIFIC.fullmatch(number):
        raise IdentifierError(Fault.ID_SCIENTIFIC)
    if (decimal := DECIMAL_ZERO.fullmatch(number)) and len(decimal[1]) >= 15:
        raise IdentifierError(Fault.ID_ROUNDED)
    if len(number) == 15 and _DIGITS.fullmatch(number):
        raise IdentifierError(Fault.ID_FIFTEEN)
    if len(number) != 18:
        raise IdentifierError(Fault.ID_LENGTH)
    if not ID_FORM.fullmatch(number):
        raise IdentifierError(Fault.ID_FORM)
    return number


def _id_facts(number: str, today: date) -> ResidentIdFacts:
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise IdentifierError(Fault.ID_DATE) from None
    if birth > today:
        raise IdentifierError(Fault.ID_FUTURE)
    if birth < oldest_birth(today):
        raise IdentifierError(Fault.ID_AGE)
    if resident_id_checksum(number[:17]) != number[17]:
        # A spreadsheet keeps 15 significant digits, so a number saved as a number ends in 000.
        raise IdentifierError(Fault.ID_ROUNDED if number.endswith("000") else Fault.ID_CHECKSUM)
    sex = Sex.MALE if int(number[16]) % 2 else Sex.FEMALE
    return ResidentIdFacts(number, birth, sex, number[:6])


def uscc_checksum(first_17: str) -> str:
    """The 18th character of a unified social credit code. Source: GB 32100-2015, modulus 31."""
    total = sum(
        weight * USCC_ALPHABET.index(char) for weight, char in zip(USCC_WEIGHTS, first_17, strict=True)
    )
    return USCC_ALPHABET[-total % 31]


def check_uscc(text: str) -> str:
    """The normalised unified social credit code. Raises `IdentifierError`. Source: GB 32100-2015."""
    number = re.sub(r"-", "", strip_blanks(text).strip(_QUOTES)).translate(_ASCII_UPPER)
    if not number:
        raise IdentifierError(Fault.USCC_EMPTY)
    # "912345678901234E56" is a possible code: only a point or another length betrays the spreadsheet.
    if SCIENTIFIC.fullmatch(number) and ("." in number or len(number) != 18):
        raise IdentifierError(Fault.USCC_SCIENTIFIC)
    if len(number) != 18:
        raise IdentifierError(Fault.USCC_LENGTH)
    if any(char not in USCC_ALPHABET for char in number):
        raise IdentifierError(Fault.USCC_FORM)
    if uscc_checksum(number[:17]) != number[17]:
        raise IdentifierError(Fault.USCC_CHECKSUM)
    return number


def is_union_uscc(number: str) -> bool:
    """True when trade unions registered it: 8 is the union registry, 81 a base union, 89 another."""
    return number.startswith(UNION_PREFIXES)


def make_uscc(prefix: str, division: str, serial: int) -> str:
    """A well-formed code: registry prefix (2), division (6), serial (up to 8) with its own check.

    Source: GB 32100-2015; the inner check character follows GB 11714-1997. For demonstrations and tests.
    """
    if len(prefix) != 2 or len(division) != 6 or not 0 <= serial <= 99_999_999:
        raise ValueError("make_uscc needs a prefix of 2, a division of 6 and a serial of up to 8 digits")
    body = f"{serial:08d}"
    inner = (
        11 - sum(weight * int(digit) for weight, digit in zip(ORGANISATION_WEIGHTS, body, strict=True)) % 11
    )
    first_17 = prefix + division + body + {10: "X", 11: "0"}.get(inner, str(inner))
    return first_17 + uscc_checksum(first_17)
