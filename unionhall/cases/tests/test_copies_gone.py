"""What is destroyed leaves no copy: papers before a partner, minutes of talks, labels; a list that was discarded."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import core, desk, hotline, hotline_ending, hotline_taking, incidents_room
from unionhall.cases.actions.incidents_ending import GONE, destroy_due
from unionhall.cases.models import Case, CaseEvent, CaseFile, HotlineList, HotlineRow, Referral, ReferralItem
from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.records import attachments
from unionhall.records.models import Attachment
from unionhall.records.uploads import Upload

from . import disputes as scene
from .incidents import OFFICER, WHY, now, reported

pytestmark = pytest.mark.django_db


def paper() -> Upload:
    return Upload("a.png", "image/png", 8, BytesIO(b"\x89PNG\r\n\x1a\n"))


def test_papers_of_an_incident_that_stand_elsewhere_too(world: World) -> None:
    sent: Referral = scene.referral(world)
    case, actor = reported(world), world.actor(OFFICER)
    given = desk.keep_file(actor, case, upload=paper(), label="王五身份证", shown=False)
    shared = core.attach(actor, case, paper(), label="工资表")
    core.attach(actor, sent.case, shared.attachment, label="工资表")
    ReferralItem.objects.create(referral=sent, file=given)
    Case.objects.everywhere(reason=WHY).filter(pk=case.pk).update(state="opinions")
    incidents_room.hold_talk(
        actor, now(case), held_at=timezone.now(), place="会议室", workers="王五", employer="经理",
        result="none", minutes="王五说不发钱不走。",
    )  # fmt: skip
    Case.objects.everywhere(reason=WHY).filter(pk=case.pk).update(
        state="closed", closed_at=timezone.now() - timedelta(days=181)
    )
    assert destroy_due(system_actor()) == 1  # a folder of a partner does not stop it
    assert now(case).talks.get().minutes == GONE
    events = CaseEvent.objects.everywhere(reason=WHY).filter(case=case)
    assert not [one.opinion for one in events if "王五" in one.opinion]
    left = Attachment.objects.everywhere(reason=WHY).filter(
        pk__in=[given.attachment_id, shared.attachment_id]
    )
    assert list(left) == [shared.attachment]  # the dispute has it still
    assert b"".join(attachments.chunks(shared.attachment)).startswith(b"\x89PNG")
    assert CaseFile.objects.everywhere(reason=WHY).get(attachment=shared.attachment).case == sent.case


def test_a_discarded_list_of_the_hotline_leaves_no_file(
    world: World, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    path, actor = tmp_path / "a.csv", world.actor("river_officer")
    today = timezone.localdate()
    path.write_text(f"工单号,来电时间,反映内容,电话\nHX001,{today},老板跑了,13800001234\n", encoding="utf-8")
    made = hotline.receive(actor, organisation=world.unions["river_city"], path=path, name="a.csv")
    place = attachments._place(made.file.location)
    assert place.exists()
    with django_capture_on_commit_callbacks(execute=True):
        hotline.discard(actor, made=made)
    assert not place.exists()
    left = Attachment.objects.everywhere(reason=WHY).get(pk=made.file_id)
    assert (left.size, b"".join(attachments.chunks(left))) == (0, b"")  # what counts files finds one
    assert not HotlineRow.objects.everywhere(reason=WHY).exists()
    # A page that was loaded before: neither taken nor discarded once more.
    stale = HotlineList.objects.everywhere(reason=WHY).get(pk=made.pk)
    stale.state = HotlineList.State.CHECKED
    with pytest.raises(Refused, match="已经处理过"):
        hotline.discard(actor, made=stale)


def test_a_hotline_list_says_nothing_of_callers_after_its_days(world: World, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "工单号,来电时间,反映内容,姓名,电话\nT1,2026-01-05,欠薪,王五,13800001111\n,2026-01-05,没有号,赵六,13800002222\n"
    )
    actor = world.actor(OFFICER)
    made = hotline.receive(actor, organisation=world.unions["river_city"], path=path, name="a.csv")
    hotline_taking.take(actor, made=made)
    hotline_taking.carry_on(actor, made.pk)
    system, days = system_actor(), timedelta(days=hotline_ending.days_kept(made.organisation))
    assert hotline_ending.empty_due(system) == 0
    lists = HotlineList.objects.everywhere(reason=WHY)
    lists.update(at=timezone.now() - days)
    assert hotline_ending.empty_due(system) == 1
    assert hotline_ending.empty_due(system) == 0, "twice is once"
    rows = HotlineRow.objects.everywhere(reason=WHY).order_by("row")
    assert [(one.fate, one.cells.reveal()) for one in rows] == [("new", "[]"), ("fault", "[]")]
    assert rows[0].case is not None, "what was registered stays"
    kept = lists.select_related("file", "organisation").get()
    assert not b"".join(attachments.chunks(kept.file))
    with pytest.raises(Refused, match="到期清除"):
        hotline.faults(actor, made=kept)
