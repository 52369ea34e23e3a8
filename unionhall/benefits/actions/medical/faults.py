"""What a settlement file gets back: its rows that need a person, as they were sent in, with 错误说明 beside them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.members.intake.keeping import plain_file
from unionhall.members.intake.workbook import write_errors
from unionhall.records.actions import journal

from ...models import SettlementFile, SettlementLine
from ..insurers import seat_of
from .reading import open_table

__all__ = ["faults_workbook"]

Reason = SettlementLine.Reason
#: The column in which each fault is to be put right.
_COLUMN = {
    Reason.UNKNOWN: "id_number", Reason.NAME: "name", Reason.NEGATIVE: "selfpay", Reason.OTHER_YEAR: "settled_on",
    Reason.DUPLICATE: "number",
}  # fmt: skip


def faults_workbook(actor: Actor, *, file: SettlementFile) -> bytes:
    """An XLSX in the shape of the upload. Put right, it can be uploaded as a batch of its own.

    The insurer that brought it gets it too, without what the union's people noted of a row.
    """
    seat = seat_of(actor)
    own = seat is not None and file.sender_id == seat.insurer_id
    if not own:
        actor.require("benefits.medical_files", *file.organisation.paths)
    if file.file is None:
        raise Refused("原文件已经清理，不能再生成错误文件。")
    rows = SettlementLine.objects.everywhere(reason="rows of a file that the actor may open").filter(
        file=file
    )
    found = rows.filter(state__in=["exception", "dismissed"]).values_list(
        "row", "reason", "resolution", "state"
    )
    with plain_file(file) as path, tempfile.TemporaryDirectory() as folder:
        table = open_table(path, file.kind)  # type: ignore[arg-type]  # as inspected when it came in
        headings = {key: table.headings[place] for key, place in table.columns.items()}
        where = {reason: headings[key] for reason, key in _COLUMN.items()}
        number = headings["number"]
        faults = {
            row: [
                {"column": where.get(Reason(reason), number), "message": words(reason, "" if noted else said)}
            ]
            for row, reason, said, state in found
            for noted in [own and state == SettlementLine.State.DISMISSED]
        }
        target = Path(folder) / "errors.xlsx"
        write_errors(target, table, faults)
        content = target.read_bytes()
    journal(actor, "benefits.settlements_faults", subject=file, paths=file.organisation.paths)
    return content


def words(reason: str, said: str) -> str:
    """The reason in words, and what was noted of it."""
    label = str(Reason(reason).label)
    return f"{label}。{said}" if said else label
