"""A case to another federation and back by receipt: sealed for it alone, nothing typed again, once."""

from io import BytesIO
from typing import Any

import pytest
from pytest_django import Settings

from tests.world import World
from unionhall.cases.actions import core, transfers
from unionhall.cases.actions.keeping import Party
from unionhall.cases.models import Case, CaseTransfer
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.records import attachments
from unionhall.records.models import JournalEntry
from unionhall.records.uploads import Upload

from .incidents import OFFICER, WHY, log, now, reported

pytestmark = pytest.mark.django_db
KEY = "5a" * 32
TEXT = "三个月没发工资，电话 13800001111。"


@pytest.fixture
def here(settings: Settings) -> Settings:
    settings.FEDERATION, settings.TRANSFER_KEYS = "unionhall", {"north": KEY}
    return settings


def there(settings: Settings, key: str = KEY, name: str = "north") -> None:
    """From now on this is the other federation; the same tables stand for its own."""
    settings.FEDERATION, settings.TRANSFER_KEYS = name, {"unionhall": key}


def filed(world: World) -> Case:
    case = reported(world)
    core.add_party(case, Party("applicant", "张海林", id_number="429900198803040012", phone="13800001111"))
    core.write(world.actor(OFFICER), case, "record", TEXT)
    photo = Upload("工资条.png", "image/png", 8, BytesIO(b"\x89PNG\r\n\x1a\n"))
    core.attach(world.actor(OFFICER), case, photo, label="工资条")
    log(world, case, "update", "现场平稳。")
    return now(case)


def sent(world: World, case: Case) -> tuple[CaseTransfer, bytes]:
    return transfers.send(world.actor(OFFICER), case, federation="north", reason="工地在北方")


def taken(world: World, content: bytes, **more: Any) -> Case:
    return transfers.take(
        world.actor("province_officer"), federation="unionhall", file=BytesIO(content),
        organisation=world.unions["gorge_county"], **more,
    )  # fmt: skip


def test_a_case_arrives_with_everything(world: World, here: Settings) -> None:
    case = filed(world)
    made, content = sent(world, case)
    assert TEXT.encode() not in content
    there(here)
    came = taken(world, content)
    assert came.number != case.number
    assert (came.title, came.headcount, came.employer, came.channel) == (case.title, 120, case.employer, "6")
    assert came.organisation == world.unions["gorge_county"]
    assert came.incident.place == "厂区东门"
    assert came.incident.occurred_at == case.incident.occurred_at
    party = came.parties.get()
    assert (party.name, party.phone.reveal(), party.id_number.reveal()) == (
        "张海林", "13800001111", "429900198803040012",
    )  # fmt: skip
    assert came.texts.count() == case.texts.count()
    text = came.texts.get(role="record")
    assert text.original is not None
    assert text.original.reveal() == TEXT
    kept = came.files.get()
    assert kept.label == "工资条"
    assert b"".join(attachments.chunks(kept.attachment)) == b"\x89PNG\r\n\x1a\n"
    labels = list(came.events.values_list("label", flat=True))
    assert {"续报", "移送前的时限", "接收移送"} <= set(labels)
    transfer = came.transfers.get()
    assert (transfer.key, transfer.remote_number, transfer.files) == (made.key, case.number, 1)
    both = JournalEntry.objects.everywhere(reason=WHY).filter(
        action__in=["cases.sent_away", "cases.taken_over"]
    )
    assert {one.detail["transfer"] for one in both} == {made.key}
    assert both.count() == 2


def test_it_comes_in_once_and_only_to_whom_it_is_sealed(world: World, here: Settings) -> None:
    case = filed(world)
    _, content = sent(world, case)
    with pytest.raises(Refused, match="还没有约定"):
        transfers.send(world.actor(OFFICER), case, federation="south", reason="x")
    there(here, key="6b" * 32)
    with pytest.raises(Refused, match="打不开"):
        taken(world, content)
    there(here, name="west")
    with pytest.raises(Refused, match="打不开"):
        taken(world, content)
    there(here)
    with pytest.raises(Refused, match="打不开"):
        taken(world, content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(Refused, match="打不开"):
        transfers.take_receipt(world.actor(OFFICER), federation="unionhall", file=BytesIO(content))
    taken(world, content)
    with pytest.raises(Refused, match="已经接收过"):
        taken(world, content)


def test_only_who_may_sends_and_takes(world: World, here: Settings) -> None:
    case = filed(world)
    for who in ("leader", "chair_alpha", "gorge_officer"):
        with pytest.raises(NotAllowed):
            transfers.send(world.actor(who), case, federation="north", reason="x")
    _, content = sent(world, case)
    there(here)
    with pytest.raises(NotAllowed):
        transfers.take(
            world.actor("river_rights"), federation="unionhall", file=BytesIO(content),
            organisation=world.unions["gorge_county"],
        )  # fmt: skip


def test_the_state_follows_by_a_receipt(world: World, here: Settings) -> None:
    case = filed(world)
    made, content = sent(world, case)
    there(here)
    came = taken(world, content)
    officer = world.actor("province_officer")
    core.write(officer, came, "answer", "已发放工资。", shown=True)
    old = transfers.receipt(officer, came.transfers.get())
    new = transfers.receipt(officer, came.transfers.get())
    here.FEDERATION, here.TRANSFER_KEYS = "unionhall", {"north": KEY}
    transfers.take_receipt(world.actor(OFFICER), federation="north", file=BytesIO(new))
    fresh = CaseTransfer.objects.everywhere(reason=WHY).get(pk=made.pk)
    assert (fresh.remote_number, fresh.remote_state, fresh.remote_closed) == (came.number, "预警", False)
    assert "已发放工资。" in case.texts.get(role="answer").body
    with pytest.raises(Refused, match="不比上一份新"):
        transfers.take_receipt(world.actor(OFFICER), federation="north", file=BytesIO(old))
    other = BytesIO(new)
    with pytest.raises(Refused, match="没有找到"):
        transfers.take_receipt(world.actor("chair_gamma"), federation="north", file=other)
