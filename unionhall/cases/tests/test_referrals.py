"""部门联动: several partners on one case, each with its clock; each sees what was referred, for as long as it lasts."""

from datetime import date, datetime, timedelta
from importlib import import_module
from io import BytesIO

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.world import World
from unionhall.cases import referring
from unionhall.cases.actions import appeals, core, referrals
from unionhall.cases.indicators.disputes import by_partner
from unionhall.cases.models import CaseEvent, Referral, ReferralItem
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.calendar_changes import changed
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.kit.workdays import Calendar
from unionhall.records.models import JournalEntry, Message
from unionhall.records.uploads import Upload

from . import disputes as scene
from .test_appeals import filed

WHY = "test reads what was written"


def seen(world: World) -> list[Referral]:
    return list(Referral.objects.all().of_seat(world.actor("agency").access))


def test_as_many_kinds_of_partners_as_the_scheme_names(world: World) -> None:
    scheme = referring.scheme_for("420103", date(2026, 5, 1)).parameters
    assert {"labour", "justice", "court", "petition", "enterprise", "police"} < {
        one.code for one in scheme.kinds
    }
    with pytest.raises(Refused, match="没有这个单位类别"):
        referrals.save_partner(
            system_actor("测试"), organisation=world.unions["alpha"], body=None,
            given={"kind": "unknown", "name": "某局", "division": "420103"},
        )  # fmt: skip


def test_a_partner_accepts_replies_and_its_clock_is_kept(world: World) -> None:
    found, agency = scene.referral(world), world.actor("agency")
    assert found.due_at is not None
    assert timezone.localdate(found.due_at) >= timezone.localdate() + timedelta(days=3)
    with pytest.raises(Refused, match="先接收"):
        referrals.reply(agency, referral=found, result="确认有效")
    referrals.accept(agency, referral=found)
    found.refresh_from_db()
    assert found.due_article == "法释〔2011〕5号"
    assert timezone.localdate(found.due_at) >= timezone.localdate() + timedelta(days=15)
    paper = Upload("裁定书.pdf", "application/pdf", 5, BytesIO(b"%PDF-"))
    referrals.reply(agency, referral=found, result="裁定调解协议有效", upload=paper)
    found.refresh_from_db()
    assert (found.state, found.in_time) == ("replied", True)
    assert not seen(world)[0].due_at
    assert ReferralItem.objects.everywhere(reason=WHY).filter(referral=found, by_partner=True).count() == 1
    assert found.case.files.filter(label__startswith="江东区").exists()
    told = CaseEvent.objects.everywhere(reason=WHY).filter(
        case=found.case, verb="partner_replied", shown=True
    )
    assert "裁定调解协议有效" in told.get().opinion


def test_what_comes_late_is_late(world: World) -> None:
    found = scene.referral(world)
    rows = Referral.objects.everywhere(reason=WHY).filter(pk=found.pk)
    rows.update(due_at=timezone.now() - timedelta(hours=1))
    referrals.accept(world.actor("agency"), referral=found)
    referrals.reply(world.actor("agency"), referral=found, result="已办")
    assert rows.get().in_time is False


def test_the_folder_holds_what_was_chosen_and_nothing_else(world: World) -> None:
    found = scene.referral(world)
    folder = referring.folder(found)
    assert [label for label, _ in folder["facts"]] == ["用人单位", "当事人姓名", "涉及金额"]
    assert [one.role for one in folder["texts"]] == ["statement"]
    words = str(folder["facts"]) + "".join(one.body for one in folder["texts"])
    assert "13812345678" not in words
    assert not folder["files"]
    core.write(system_actor("测试"), found.case, "note", "内部意见")
    assert len(referring.folder(found)["texts"]) == 1
    # The phone travels only where it was chosen.
    Referral.objects.everywhere(reason=WHY).filter(pk=found.pk).update(facts=["phones"])
    found.refresh_from_db()
    assert referring.folder(found)["facts"] == [("联系电话", "13812345678")]


@pytest.mark.parametrize("how", ["withdrawn", "returned", "noted", "closed", "seat"])
def test_when_it_ends_it_is_gone(world: World, how: str) -> None:
    found, agency, officer = scene.referral(world), world.actor("agency"), system_actor("测试")
    assert seen(world) == [found]
    if how == "withdrawn":
        referrals.end(officer, referral=found, withdraw=True, reason="当事人和解")
    elif how == "returned":
        referrals.give_back(agency, referral=found, reason="不属于本院管辖")
    elif how == "noted":
        referrals.accept(agency, referral=found)
        referrals.reply(agency, referral=found, result="已办")
        assert seen(world) == [found]
        referrals.end(officer, referral=found, withdraw=False)
    elif how == "closed":
        core.move(officer, found.case, "decline", opinion="重复")
    else:
        (seat,) = found.body.seats.everywhere(reason=WHY)
        referrals.end_seat(officer, seat=seat)
    assert seen(world) == []
    with pytest.raises(NotAllowed):
        referrals.accept(agency, referral=found)


def test_a_case_of_any_kind_that_ends_lets_go_of_its_partners(world: World) -> None:
    where, case = scene.partner(world), filed(world, organisation=world.unions["alpha"]).case
    scene.seat(world, where)
    officer = system_actor("测试")
    core.move(officer, case, "accept")
    sent = referrals.refer(officer, case=case, body=where, act="confirmation", asked="请协助", facts=())
    core.move(officer, case, "answer", opinion="已补发")
    assert seen(world) == [sent], "an answer is not the end"
    case = appeals.rate(world.actor(scene.WORKER), case, rating=5)
    sent.refresh_from_db()
    assert case.closed_at is not None
    assert (sent.ended_at, sent.due_at) == (case.closed_at, None)
    (row,) = by_partner(world.actor("river_rights").access)
    assert (row["cases"], row["waiting"], row["late"]) == (1, 0, 0)


def test_what_an_earlier_version_left_open_is_ended(world: World) -> None:
    """What migration 0015 mends: referrals and parts that stayed open when their case ended."""
    left, going = scene.referral(world), scene.dispute(world)
    still = referrals.refer(
        system_actor("测试"), case=going, body=left.body, act="confirmation", asked="请确认", facts=()
    )
    core.move(system_actor("测试"), left.case, "decline", opinion="重复")
    rows = Referral.objects.everywhere(reason=WHY)
    rows.filter(pk=left.pk).update(ended_at=None, due_at=timezone.now())
    repair = import_module("unionhall.cases.migrations.0015_ended_with_their_case")
    with connection.cursor() as cursor:
        for statement in repair.REPAIRS:
            cursor.execute(statement)
    ended = rows.select_related("case").get(pk=left.pk)
    assert (ended.ended_at, ended.due_at) == (ended.case.closed_at, None)
    assert rows.get(pk=still.pk).ended_at is None


def test_others_seats_see_nothing(world: World) -> None:
    found = scene.referral(world)
    other = referrals.refer(
        system_actor("测试"), case=found.case, body=scene.partner(world, "police"), act="order", asked="维持秩序",
        facts=["employer"],
    )  # fmt: skip
    assert other.case == found.case  # two partners on one case
    assert seen(world) == [found]
    with pytest.raises(NotAllowed):
        referrals.accept(world.actor("agency"), referral=other)
    with pytest.raises(NotAllowed):
        referrals.accept(world.actor("lawyer"), referral=found)
    with pytest.raises(Refused, match="已经转给"):
        referrals.refer(
            system_actor("测试"), case=found.case, body=found.body, act="confirmation", asked="再问", facts=[]
        )


def test_the_whole_case_comes_back_when_it_is_returned(world: World) -> None:
    found = scene.referral(world, whole=True)
    found.case.refresh_from_db()
    assert found.case.state == "referred"
    referrals.give_back(world.actor("agency"), referral=found, reason="请先行调解")
    found.case.refresh_from_db()
    assert found.case.state == "accepted"
    told = Message.objects.everywhere(reason=WHY).filter(title__contains="退回")
    assert told.count() == 0  # the platform referred it: there is nobody to tell
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="cases.referral_returned")
    assert entry.path == world.unions["alpha"].path


def test_clocks_of_partners_follow_the_calendar(world: World) -> None:
    found = scene.referral(world)
    police = referrals.refer(
        system_actor("测试"), case=found.case, body=scene.partner(world, "enterprise"), act="talk", asked="约谈",
        facts=[],
    )  # fmt: skip
    calendar = working_calendar()
    assert referrals.recompute(calendar) == 0
    day = calendar.add_working_days(timezone.localdate(), 1)
    assert referrals.recompute(Calendar({**calendar.holidays, day: False})) >= 1
    before = police.due_at
    police.refresh_from_db()
    assert police.due_at is not None
    assert before is not None
    assert police.due_at > before


def test_a_clock_that_a_partner_stopped_meanwhile_stays_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = referrals.refer(
        system_actor("测试"), case=scene.dispute(world), body=scene.partner(world, "enterprise"), act="talk",
        asked="约谈", facts=[],
    )  # fmt: skip
    calendar, real = working_calendar(), referrals._due
    rows = Referral.objects.everywhere(reason=WHY).filter(pk=found.pk)

    def due(one: Referral, by: Calendar) -> datetime:
        rows.update(state=Referral.State.REPLIED, due_at=None)
        return real(one, by)

    monkeypatch.setattr(referrals, "_due", due)
    day = calendar.add_working_days(timezone.localdate(), 1)
    assert referrals.recompute(Calendar({**calendar.holidays, day: False})) == 0
    assert rows.get().due_at is None


def test_a_holiday_queues_the_partners_clocks(world: World) -> None:
    changed(date(2026, 12, 1))
    assert ProcrastinateJob.objects.filter(task_name="cases.recompute_referrals").exists()
