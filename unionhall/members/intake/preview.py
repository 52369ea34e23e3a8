"""What the preview shows of a staged row: masked, old and new values side by side; unsealed a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from unionhall.foundation.sealing import Sealed, ring
from unionhall.kit.masking import mask_id, mask_name, mask_phone

from ..models import RosterRow
from .columns import BY_KEY

__all__ = ["Change", "Shown", "show"]


@dataclass(frozen=True, slots=True)
class Change:
    """One column of a known person: its title, the value in the register, the value in the file."""

    title: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as the preview lists it."""

    number: int
    name: str
    document: str
    phone: str
    union: str
    person_id: int | None
    faults: list[dict[str, str]]
    warnings: list[dict[str, str]]
    changes: list[Change] = field(default_factory=list)


def show(rows: Sequence[RosterRow]) -> list[Shown]:
    """Rows for the page; three vectorised unsealings however many rows."""
    documents = _open([row.id_number for row in rows])
    phones = _open([row.phone for row in rows])
    former = _open([row.before_phone for row in rows])
    return [
        Shown(
            row.number,
            mask_name(row.name) if row.name else "—",
            mask_id(document) if document else "—",
            mask_phone(phone) if phone else "—",
            row.organisation.name if row.organisation else "—",
            row.person_id,
            row.errors,
            row.warnings,
            _changes(row, phone, old),
        )
        for row, document, phone, old in zip(rows, documents, phones, former, strict=True)
    ]


def _open(sealed: Sequence[Sealed | None]) -> list[str | None]:
    return ring().open_many([None if value is None else value.blob for value in sealed])


def _changes(row: RosterRow, phone: str | None, old_phone: str | None) -> list[Change]:
    found = []
    for key in row.changed_columns:
        title = BY_KEY[key].title
        if key == "phone":
            found.append(
                Change(title, mask_phone(old_phone) if old_phone else "未登记", mask_phone(phone or ""))
            )
        else:
            found.append(Change(title, _label(key, row.before.get(key)), _label(key, getattr(row, key))))
    return found


def _label(key: str, value: Any) -> str:
    if value in (None, ""):
        return "未登记"
    if key == "migrant_worker":
        return "是" if value is True else "否"
    codes = BY_KEY[key].codes
    return codes.label(str(value)) if codes else str(value)
