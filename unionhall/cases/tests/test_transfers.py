"""A case to another federation and back by receipt: sealed for it alone, nothing typed again, once."""

import json
import zipfile
from io import BytesIO
from typing import Any, BinaryIO, cast

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from tests.world import World
from unionhall.cases import packages
from unionhall.cases.actions import aid, core, lawyering, transfers
from unionhall.cases.actions.keeping import Party
from unionhall.cases.models import Case, CaseTransfer
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.records import attachments
from unionhall.records.models import JournalEntry
from unionhall.records.uploads import Upload

from .aid import applied, body, lawyer, officer
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


def sealed(facts: bytes, settings: Settings) -> bytes:
    """A package of the other federation with these bytes as its case."""
    plain = BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr("case.json", facts)
    settings.FEDERATION, settings.TRANSFER_KEYS = "unionhall", {"north": KEY}
    with packages.seal(cast(BinaryIO, plain), federation="north", purpose=packages.CASE) as found:
        content = found.read()
    there(settings)
    return content


def test_what_is_no_case_is_refused_by_name_and_nothing_is_kept(world: World, here: Settings) -> None:
    good = json.loads(json.dumps(packages.facts_of(filed(world)), default=str)) | {
        "version": 1, "key": "unionhall-1", "reason": "", "files": [],
    }  # fmt: skip
    before = Case.objects.everywhere(reason=WHY).count()
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("当事各方", {"parties": [{"side": "applicant"}]}),
        ("当事各方", {"parties": "张海林"}),
        ("陈述和记录", {"texts": [good["texts"][0] | {"role": "secret"}]}),
        ("登记时间", {"opened_at": "昨天"}),
        ("发生日期", {"occurred_on": "0001-01-01"}),
        ("涉及金额", {"amount": "NaN"}),
        ("涉及人数", {"headcount": "许多"}),
        ("联系方式", {"contact": "[1]"}),
        ("本类别的内容", {"own": {"occurred_at": [1]}}),
        ("本类别的内容", {"own": good["own"] | {"place": "长" * 500}}),
        ("材料清单", {"files": [{"name": 1}]}),
        ("内容读不出来", {"title": "\x00"}),
        ("缺少材料", {"files": [{"name": "a.png", "label": "", "content_type": ""}]}),
        ("版本", {"version": 2}),
    ]
    lacking = [("标题", {one: value for one, value in good.items() if one != "title"})]
    for words, facts in [*((words, good | one) for words, one in wrong), *lacking]:
        with pytest.raises(Refused, match=words):
            taken(world, sealed(json.dumps(facts).encode(), here))
    for raw in (b"[]", b"{", b"null", b'{"version": 1}', b"[" * 5000):
        with pytest.raises(Refused, match="移送包"):
            taken(world, sealed(raw, here))
    assert Case.objects.everywhere(reason=WHY).count() == before
    taken(world, sealed(json.dumps(good).encode(), here))


def test_whoever_takes_it_in_meanwhile_waits_and_hears_of_it(world: World, here: Settings) -> None:
    _, content = sent(world, filed(world))
    there(here)
    with CaptureQueriesContext(connection) as asked:
        came = taken(world, content)
    said = [one["sql"] or "" for one in asked]
    held = next(
        place for place, one in enumerate(said) if "cases.transfer" in one and "advisory_xact_lock" in one
    )
    looked = next(place for place, one in enumerate(said) if "cases_casetransfer" in one)
    assert held < looked
    with pytest.raises(Refused, match=f"已经接收过，本会编号 {came.number}"):
        taken(world, content)


@pytest.mark.parametrize(
    ("done", "stands"), [("", "applied"), ("more", "supplement"), ("grant", "granted"), ("offer", "granted")]
)
def test_legal_aid_arrives_as_legal_aid(world: World, here: Settings, done: str, stands: str) -> None:
    place, who = body(world), officer(world)
    case = applied(world).case
    lawyer(world)
    if done == "more":
        aid.ask_more(who, case=case, lacking=["收入证明"])
    if done in {"grant", "offer"}:
        aid.decide(who, case=case, granted=True)
    if done == "offer":
        lawyering.offer(who, case=case)
    _, content = transfers.send(
        world.actor("province_officer"), now(case), federation="north", reason="工地在北方"
    )
    there(here)
    came = now(taken(world, content))
    found = came.legal_aid
    assert (came.kind, came.state, found.is_migrant, found.form, found.body) == (
        "legal_aid", stands, True, "3", None if place.organisation != came.organisation else place,
    )  # fmt: skip
    assert found.outcome == ("granted" if stands == "granted" else "")
    assert found.lacking == (["收入证明"] if done == "more" else [])
    assert not found.assignments.exists()
    running = {one.code for one in came.clocks.filter(state="running")}
    assert running == {"applied": {"decide"}, "supplement": {"supplement"}, "granted": {"assign"}}[stands]
