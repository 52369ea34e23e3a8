"""Identity documents as the register stores them: two-digit codes for the kinds that `kit.identifiers` knows.

Ours (P): "01" is the resident ID card. The code is part of the keyed index, so a code never changes its meaning.
"""

from __future__ import annotations

from unionhall.kit.identifiers import IdType

__all__ = ["CODES", "KINDS", "RESIDENT", "choices", "code_of", "label_of"]

RESIDENT = "01"
CODES: dict[IdType, str] = {
    IdType.RESIDENT: RESIDENT,
    IdType.HMT_RESIDENCE: "02",
    IdType.HK_MACAO_PERMIT: "03",
    IdType.TAIWAN_PERMIT: "04",
    IdType.FOREIGN_PERMANENT: "05",
    IdType.PASSPORT: "06",
}
KINDS: dict[str, IdType] = {code: kind for kind, code in CODES.items()}


def code_of(text: str) -> str | None:
    """The stored code meant by a code, a label or a usual short name; None when not recognised."""
    bare = text.strip()
    if bare in KINDS:
        return bare
    kind = IdType.from_text(bare)
    return CODES[kind] if kind else None


def label_of(code: str) -> str:
    """The Chinese name of a stored code; an unknown code is shown as it is."""
    return KINDS[code].label if code in KINDS else code


def choices() -> list[tuple[str, str]]:
    """(code, label) pairs for forms and lists."""
    return [(code, kind.label) for code, kind in KINDS.items()]
