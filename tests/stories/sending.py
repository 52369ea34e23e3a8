"""A case between two federations: packed here, taken in there by its own process, its state back by receipt."""

from io import BytesIO
from pathlib import Path
from typing import Any

from tests.world import World
from unionhall.cases.actions import core, incidents, transfers
from unionhall.cases.models import CaseTransfer
from unionhall.cases.tests.incidents import facts
from unionhall.foundation.sealing import ring
from unionhall.kit.sm import SealBroken
from unionhall.records.models import JournalEntry

KEY = "c4" * 32
PACKAGE, RECEIPT = "case.uhcase", "receipt.uhcase"
TEXT = "包工头拖欠三个月工资，电话 13800001111。"
WHY = "the story of two federations"


def pack(world: World, scratch: Path, to: str) -> CaseTransfer:
    """Here: a case with what was said, as a file for the other."""
    actor = world.actor("river_rights")
    case = incidents.report(
        actor, organisation=world.unions["east"], title="跨省欠薪", facts=facts(), employer=world.employers["alpha"],
        statement=TEXT,
    )  # fmt: skip
    made, content = transfers.send(actor, case, federation=to, reason="项目在北方")
    (scratch / PACKAGE).write_bytes(content)
    return made


def take(world: World, scratch: Path, sender: str) -> dict[str, Any]:
    """There: taken in, answered, the receipt written; what this federation has of it."""
    actor = world.actor("river_rights")
    came = transfers.take(
        actor, federation=sender, file=BytesIO((scratch / PACKAGE).read_bytes()),
        organisation=world.unions["river_city"],
    )  # fmt: skip
    core.write(actor, came, "answer", "已责令补发。", shown=True)
    (scratch / RECEIPT).write_bytes(transfers.receipt(actor, came.transfers.get()))
    said = came.texts.get(role="statement")
    rows = JournalEntry.objects.everywhere(reason=WHY).filter(action="cases.taken_over")
    return {
        "number": came.number, "title": came.title, "said": said.original.reveal() if said.original else "",
        "sealed": said.original.blob.hex() if said.original else "",
        "employer": came.employer.name if came.employer else "",
        "journal": list(rows.values_list("detail__transfer", flat=True)),
    }  # fmt: skip


def came_back(world: World, scratch: Path, made: CaseTransfer, told: dict[str, Any], there: str) -> None:
    """Here again: what the other has is the same, sealed with its own key; the receipt brings its state."""
    assert (told["title"], told["said"], told["journal"]) == ("跨省欠薪", TEXT, [made.key])
    assert told["employer"] == world.employers["alpha"].name
    try:
        ring().open(bytes.fromhex(told["sealed"]))
    except SealBroken:
        pass
    else:
        raise AssertionError("the other federation sealed with our key")
    transfers.take_receipt(
        world.actor("river_rights"), federation=there, file=BytesIO((scratch / RECEIPT).read_bytes())
    )
    fresh = CaseTransfer.objects.everywhere(reason=WHY).get(pk=made.pk)
    assert (fresh.remote_number, fresh.remote_state) == (told["number"], "预警")
