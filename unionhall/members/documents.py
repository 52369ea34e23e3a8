"""Kinds of identity document as the register stores them: a two-digit code for each kind that kit knows.

01 resident ID card follows common practice of registers; the others are our own numbering (P), so an exchange with
another system maps them per source.
"""

from datetime import date

from unionhall.foundation.errors import Refused
from unionhall.kit.identifiers import DocumentFacts, IdentifierError, IdType, check_document

CODES: dict[IdType, str] = {
    IdType.RESIDENT: "01",
    IdType.HMT_RESIDENCE: "02",
    IdType.HK_MACAO_PERMIT: "03",
    IdType.TAIWAN_PERMIT: "04",
    IdType.FOREIGN_PERMANENT: "05",
    IdType.PASSPORT: "06",
}
KINDS: dict[str, IdType] = {code: kind for kind, code in CODES.items()}
CHOICES: list[tuple[str, str]] = [(code, kind.label) for kind, code in CODES.items()]


def label_of(code: str) -> str:
    """The Chinese name of a stored code; an unknown code is shown as it is."""
    kind = KINDS.get(code)
    return kind.label if kind else code


def read_document(code: str, text: str, today: date) -> DocumentFacts:
    """A document number checked and normalised. Raises Refused (field `id_number` or `id_type`) in plain Chinese."""
    kind = KINDS.get(code)
    if kind is None:
        raise Refused("请选择证件类型。", field="id_type")
    try:
        return check_document(kind, text, today)
    except IdentifierError as mistake:
        raise Refused(str(mistake), field="id_number") from None
