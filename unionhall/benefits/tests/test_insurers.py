"""The insurer at its own entrance: rolls made out to it, files it brings; paying stays with the union."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.architecture.samples_insurers import insurer, seat
from tests.world import World
from unionhall.benefits.actions import cover_rolls
from unionhall.benefits.actions import insurers as actions
from unionhall.benefits.actions.cover_enrolment import sweep
from unionhall.benefits.actions.medical import checking, receiving
from unionhall.benefits.models import CoverRoll, InsurerSeat, SettlementFile
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.records.models import JournalEntry, Message

from .settlements import YEAR, Settled, cards, received, written

pytestmark = pytest.mark.django_db
SignedIn = Callable[[str], Client]
NAME = "中国职工保险互助会湖北办事处"
WHY = "test"


def roll(programme: str = "cover_third") -> CoverRoll:
    sweep()
    asked = cover_rolls.ask(system_actor(), programme=programme, month=timezone.localdate())
    return cover_rolls.make(asked.pk)


def test_the_desk_registers_an_insurer_gives_a_seat_and_ends_it(world: World, signed_in: SignedIn) -> None:
    desk = signed_in("province_officer")
    facts = {
        "organisation": world.unions["province"].code,
        "name": NAME,
        "programmes": ["cover_third"],
        "settles": "on",
    }
    wrong = desk.post(reverse("desk_insurer_new"), facts | {"name": "别的公司"})
    assert "一字不差" in wrong.content.decode()
    elsewhere = desk.post(
        reverse("desk_insurer_new"), facts | {"organisation": world.unions["river_city"].code}
    )
    assert "由鄂北省总工会生成" in elsewhere.content.decode()
    page = desk.post(reverse("desk_insurer_new"), facts)["Location"]
    pk = int(page.rstrip("/").rpartition("/")[2])
    nobody = desk.post(reverse("desk_insurer_seat_new", args=[pk]), {"username": "merchant"})
    assert "承保机构角色" in nobody.content.decode()
    desk.post(reverse("desk_insurer_seat_new", args=[pk]), {"username": "insurer"})
    found = InsurerSeat.objects.everywhere(reason=WHY).get()
    assert found.given_by == world.accounts["province_officer"].display_name
    assert "在用" in desk.get(page).content.decode()
    desk.post(reverse("desk_insurer_seat_end", args=[found.pk]))
    assert actions.seat_of(world.actor("insurer")) is None
    journal = JournalEntry.objects.everywhere(reason=WHY).filter(action__startswith="benefits.insurer")
    assert set(journal.values_list("action", "actor_id")) == {
        (f"benefits.insurer_{verb}", world.accounts["province_officer"].pk)
        for verb in ("saved", "seat_added", "seat_ended")
    }


def test_an_insurer_that_no_scheme_names_any_more_is_suspended(
    world: World, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may keep its covers or lose them; what is added, or comes back, is asked for again."""
    own = insurer(world, "province", NAME)
    type(own).objects.everywhere(reason=WHY).filter(pk=own.pk).update(programmes=["cover_third"])
    held, desk = seat(world, own), signed_in("province_officer")
    monkeypatch.setattr(actions, "named", lambda name: [])
    url, kept = reverse("desk_insurer_edit", args=[own.pk]), {"name": NAME, "programmes": ["cover_third"]}

    def refused(**given: object) -> bool:
        answer = desk.post(url, {**kept, **given})
        assert answer.status_code in (302, 422)
        return answer.status_code == 422

    assert not refused(contact="张三"), "what it has already is not asked for again"
    assert refused(programmes=["cover_third", "cover_women"])
    assert refused(name="别的公司")
    assert actions.seat_of(world.actor("insurer")) == held
    assert not refused(suspended="on")
    assert actions.seat_of(world.actor("insurer")) is None
    assert not refused(suspended="on", programmes=[]), "without any cover too"
    assert refused(programmes=[])
    assert not refused(suspended="on", programmes=["cover_third", "cover_women"])
    assert refused(), "back at work, a scheme has to name it"


def test_only_rolls_made_out_to_the_insurer_are_there(world: World, signed_in: SignedIn) -> None:
    made = roll()
    own = insurer(world, "province", made.insurer)
    client, address = signed_in("insurer"), reverse("partner_roll_download", args=[made.pk])
    assert "没有承办席位" in client.get(reverse("partner_insurance")).content.decode()
    held = seat(world, own)
    assert address in client.get(reverse("partner_insurance")).content.decode()
    answer = client.post(address)
    assert b"UNIONHALL-COVER" in b"".join(answer)
    fetched = JournalEntry.objects.everywhere(reason=WHY).get(action="benefits.cover_roll_fetched")
    assert (fetched.digest, fetched.detail) == (made.digest, {"insurer": own.pk, "seat": held.pk})
    for change in ({"name": "后来的承保公司"}, {"programmes": ["cover_accident"]}, {"suspended": True}):
        before = {name: getattr(own, name) for name in change}
        type(own).objects.everywhere(reason=WHY).filter(pk=own.pk).update(**change)
        assert client.post(address).status_code == 404, change
        with pytest.raises(NotAllowed):
            actions.open_roll(world.actor("insurer"), roll=made)
        type(own).objects.everywhere(reason=WHY).filter(pk=own.pk).update(**before)
    actions.end_seat(world.actor("province_officer"), seat=held)
    assert client.post(address).status_code == 404


def sent(world: World, tmp_path: Path, client: Client, rows: list[Settled], **more: Any) -> Any:
    path = tmp_path / "J1.csv"
    count, total = written(world, path, rows)
    facts: dict[str, Any] = {"number": "J1", "year": YEAR, "stated_rows": count, "stated_total": total} | more
    with path.open("rb") as source:
        return client.post(reverse("partner_settlement_new"), facts | {"file": source})


def test_it_brings_a_file_and_the_union_works_it_out(
    world: World, tmp_path: Path, signed_in: SignedIn
) -> None:
    cards(world)
    client, own = signed_in("insurer"), insurer(world, "river_city")
    seat(world, own)
    rows = [Settled("A1", "alpha_1", "5300"), Settled("A2", "alpha_2", "100", name="王五")]
    page = sent(world, tmp_path, client, rows)["Location"]
    file = SettlementFile.objects.everywhere(reason=WHY).select_related("organisation").get()
    assert (file.sender, file.insurer, file.organisation) == (own, own.name, world.unions["river_city"])
    checking.check(file.pk)
    told = Message.objects.everywhere(reason=WHY).get(recipient_id=world.accounts["insurer"].pk)
    assert told.url == page
    shown = client.get(page).content.decode()
    assert "等签约工会理算" in shown
    assert "姓名不符" in shown
    assert "张海林" not in shown
    assert client.get(reverse("partner_settlement_faults", args=[file.pk])).status_code == 200
    with pytest.raises(NotAllowed):
        receiving.start(world.actor("insurer"), file=file, queue=False)
    assert client.get(reverse("desk_medical_start", args=[file.pk])).status_code == 403
    started = receiving.start(world.actor("river_officer"), file=file, queue=False)
    assert started.state == SettlementFile.State.ADJUDICATING


def test_files_of_others_and_uploads_without_the_word_are_refused(
    world: World, tmp_path: Path, signed_in: SignedIn
) -> None:
    client, own = signed_in("insurer"), insurer(world, "river_city")
    rows = [Settled("A1", "alpha_1", "5300")]
    assert "没有承办席位" in sent(world, tmp_path, client, rows).content.decode()
    seat(world, own)
    others = received(world, tmp_path, [Settled("B7", "beta_1", "10")], "别家的文件")
    for name in ("partner_settlement", "partner_settlement_progress", "partner_settlement_faults"):
        assert client.get(reverse(name, args=[others.pk])).status_code == 404
    assert "别家的文件" not in client.get(reverse("partner_settlements")).content.decode()
    wrong = sent(world, tmp_path, client, rows, year=1999).content.decode()
    assert "1999" in wrong  # what was filled in is still there
    assert "J1" in wrong
    type(own).objects.everywhere(reason=WHY).filter(pk=own.pk).update(settles=False)
    assert "没有登记报送" in sent(world, tmp_path, client, rows).content.decode()
    with pytest.raises(Refused):
        receiving.receive(
            world.actor("insurer"), sender=actions.seat_of(world.actor("insurer")).insurer,  # type: ignore[union-attr]
            organisation=own.organisation, path=tmp_path / "J1.csv", name="J1.csv", number="J1", insurer="",
            year=YEAR, stated_rows=1, stated_total=5300, queue=False,  # type: ignore[arg-type]
        )  # fmt: skip


def test_lists_cost_the_same_for_one_and_for_three(world: World, signed_in: SignedIn) -> None:
    own = insurer(world, "river_city")
    seat(world, own)

    def brought(number: str) -> None:
        SettlementFile.objects.create(
            organisation=own.organisation, sender=own, number=number, insurer=own.name, year=YEAR, kind="csv",
            digest=number, stated_rows=1, stated_total=1, uploaded_by="示例",
        )  # fmt: skip

    def statements(who: str, name: str) -> int:
        client = signed_in(who)
        client.get(reverse(name))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse(name)).status_code == 200
        return len(seen)

    pages = (("insurer", "partner_settlements"), ("river_officer", "desk_insurers"))
    brought("J1")
    before = [statements(*page) for page in pages]
    for number in ("J2", "J3"):
        brought(number)
        insurer(world, "river_city", number)
    assert [statements(*page) for page in pages] == before
