"""权威发布: three people, then the public; a correction is seen; afterwards what is personal is destroyed."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.bulletins.models import Bulletin
from unionhall.cases.actions import core, incidents_release, incidents_room
from unionhall.cases.actions.incidents_ending import GONE, destroy_due
from unionhall.cases.actions.keeping import Party
from unionhall.cases.models import Case, CaseText, IncidentRelease
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.records import attachments
from unionhall.records.models import Attachment, JournalEntry
from unionhall.records.uploads import Upload

from .incidents import OFFICER, WHY, clock, log, now, reported

pytestmark = pytest.mark.django_db


def published(world: World, case: Case) -> IncidentRelease:
    drafted = incidents_release.draft(
        world.actor(OFFICER), case, title="情况通报（一）", body="单位已开始补发工资。"
    )
    incidents_release.check(world.actor("river_officer"), drafted)
    incidents_release.sign(world.actor("leader"), drafted)
    return incidents_release.publish(world.actor(OFFICER), drafted)


def test_drafter_checker_and_signer_are_three(world: World) -> None:
    case = reported(world)
    drafted = incidents_release.draft(world.actor(OFFICER), case, title="通报", body="已到场。")
    with pytest.raises(Refused, match="拟稿人不能自己核实"):
        incidents_release.check(world.actor(OFFICER), drafted)
    with pytest.raises(Refused, match="待核实"):
        incidents_release.sign(world.actor("leader"), drafted)
    incidents_release.check(world.actor("river_officer"), drafted)
    with pytest.raises(NotAllowed):
        incidents_release.sign(world.actor("river_officer"), drafted)
    with pytest.raises(Refused, match="待签发"):
        incidents_release.publish(world.actor(OFFICER), drafted)
    assert not Bulletin.objects.everywhere(reason=WHY).exists()


def test_published_is_news_and_ends_the_clock(world: World) -> None:
    case = reported(world)
    release = published(world, case)
    assert release.bulletin is not None
    assert (release.bulletin.kind, release.bulletin.state) == ("news", "published")
    assert clock(case, "release").state == "met"


def test_a_correction_goes_the_same_way_and_is_seen(world: World) -> None:
    case = reported(world)
    first = published(world, case)
    second = incidents_release.correct(
        world.actor(OFFICER),
        first,
        title="情况通报（更正）",
        body="单位将于明日补发工资。",
        reason="补发时间有误。",
    )
    with pytest.raises(Refused, match="已经有更正稿"):
        incidents_release.correct(world.actor(OFFICER), first, title="又", body="又", reason="又")
    incidents_release.check(world.actor("river_officer"), second)
    incidents_release.sign(world.actor("leader"), second)
    incidents_release.publish(world.actor(OFFICER), second)
    news = Bulletin.objects.everywhere(reason=WHY).get()
    assert news.revised_at is not None
    assert news.body.startswith("单位将于明日补发工资。")
    assert "更正：补发时间有误。 原标题：情况通报（一）" in news.body


def test_a_text_with_a_persons_number_is_not_published(world: World) -> None:
    case = reported(world)
    drafted = incidents_release.draft(
        world.actor(OFFICER), case, title="通报", body="联系人身份证 110101199003070070。"
    )
    incidents_release.check(world.actor("river_officer"), drafted)
    incidents_release.sign(world.actor("leader"), drafted)
    with pytest.raises(Refused):
        incidents_release.publish(world.actor(OFFICER), drafted)


def _closed(world: World, days: int) -> Case:
    """An incident with a party, a photo, a statement and an opinion, closed so many days ago."""
    case, actor = reported(world), world.actor(OFFICER)
    core.add_party(case, Party("applicant", "王五", phone="13800001111"))
    photo = Upload("a.png", "image/png", 8, BytesIO(b"\x89PNG\r\n\x1a\n"))
    log(world, case, "scene", "大门口。", photo=photo)
    log(world, case, "statement", "王五：不发钱不走。")
    incidents_room.collect(actor, case, topic="wages", body="王五要求补发", people=9)
    rows = Case.objects.everywhere(reason=WHY).filter(pk=case.pk)
    rows.update(state="closed", closed_at=timezone.now() - timedelta(days=days), contact="王五 138")
    return now(case)


def test_personal_data_is_destroyed_on_its_day_and_not_before(world: World) -> None:
    case = _closed(world, 179)
    assert destroy_due(system_actor()) == 0
    Case.objects.everywhere(reason=WHY).filter(pk=case.pk).update(
        closed_at=timezone.now() - timedelta(days=180, minutes=1)
    )
    photo = Attachment.objects.everywhere(reason=WHY).get(purpose=incidents_room.PURPOSE)
    place = attachments._place(photo.location)
    assert place.exists()
    assert destroy_due(system_actor()) == 1
    fresh = now(case)
    assert fresh.contact is None
    party = fresh.parties.get()
    assert (party.name, party.phone) == (GONE, None)
    said = fresh.texts.get(role=CaseText.Role.STATEMENT)
    assert (said.body, said.original, said.words) == (GONE, None, [])
    assert {one.body for one in fresh.entries.filter(kind="statement")} == {GONE}
    assert fresh.entries.filter(kind="scene").get().body == "大门口。"
    opinion = fresh.opinions.get()
    assert (opinion.body, opinion.people, opinion.topic) == (GONE, 9, "wages")
    assert not place.exists()
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="cases.incident_data_gone")
    assert entry.detail == {
        "contacts": 1, "parties": 1, "talks": 0, "texts": 1, "opinions": 1, "entries": 1, "files": 1,
    }  # fmt: skip
    assert destroy_due(system_actor()) == 0
