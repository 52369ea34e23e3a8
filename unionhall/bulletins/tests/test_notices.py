"""Public notices: what is refused, how a row's period runs, what an objection does to it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.bulletins import actions
from unionhall.bulletins.models import NoticeRow, Objection, PublicNotice
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.records.models import JournalEntry, Message

from .notices import SYSTEM, WHY, Told, ends, fresh, listed, noon, notice_of, row

pytestmark = pytest.mark.django_db
TEXT = "该职工的证书是去年取得的，不符合今年的条件。"


def object_to(notice: PublicNotice, key: str | None = "a", day: int = 0, **more: object) -> Objection:
    """Raised so many calendar days after today."""
    return actions.raise_objection(
        SYSTEM,
        notice=notice,
        text=TEXT,
        row=row(notice, key) if key else None,
        at=noon(timezone.localdate() + timedelta(days=day)),
        **more,  # type: ignore[arg-type]
    )


def settle(
    world: World, objection: Objection, day: int, *, upheld: bool = False, by: str = "east_officer"
) -> Objection:
    return actions.settle_objection(
        world.actor(by),
        objection=objection,
        upheld=upheld,
        opinion="已核实。",
        at=noon(timezone.localdate() + timedelta(days=day)),
    )


def test_a_list_is_masked_when_it_is_written(world: World, told: Told) -> None:
    notice = notice_of(world, rows=[listed("a", "张海林", person=world.people["alpha_1"])])
    assert row(notice).name == "张*"
    assert (notice.state, notice.starts) == ("publicised", timezone.localdate())
    assert notice.ends == working_calendar().add_working_days(timezone.localdate(), 5)
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="bulletins.publicised")
    assert entry.path == world.unions["east"].path
    assert entry.detail["rows"] == 1
    assert entry.digest


def test_every_row_that_may_not_stand_in_public_is_named_and_nothing_is_written(
    world: World, told: Told
) -> None:
    rows = [
        listed("a"),
        listed("b", values=("大病救助", "1,000.00")),
        listed("c", unit="张三 13800001234"),
        listed("a"),
        listed("d", values=("张海林的补贴", "1.00")),
        listed("e", values=("只有一栏",)),
        listed("f", "420103198803041234"),
    ]
    with pytest.raises(Refused) as refusal:
        notice_of(world, rows=rows)
    said = str(refusal.value)
    for words in (
        "6 处",
        "第 2 行“事项”含有涉及健康的词“病”",
        "第 3 行“单位”含有手机号",
        "第 4 行与前面的行重复",
        "第 5 行",
    ):
        assert words in said
    assert not PublicNotice.objects.everywhere(reason=WHY).exists()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"lead": "联系人手机 13800001234"}, "说明含有手机号"),
        ({"days": 0}, "1 至 60"),
        ({"rows": []}, "公示名单是空的"),
    ],
)
def test_texts_and_periods_are_checked(world: World, told: Told, more: dict[str, object], words: str) -> None:
    from unionhall.bulletins.actions import publicise

    given: dict[str, object] = {"working_days": more.pop("days", 5), "rows": [listed("a")]} | more
    with pytest.raises(Refused, match=words):
        publicise(SYSTEM, purpose="trial", title="公示", organisation=world.unions["east"], **given)  # type: ignore[arg-type]


def test_rows_pass_after_their_last_day_and_not_before_and_once(world: World, told: Told) -> None:
    notice = notice_of(world)
    assert notice.ends is not None
    assert actions.close_due(SYSTEM, today=notice.ends).passed == 0
    done = actions.close_due(SYSTEM, today=notice.ends + timedelta(days=1))
    assert (done.passed, done.ended) == (2, 1)
    assert told.calls == [("passed", "a"), ("passed", "b")]
    assert fresh(notice).state == "passed"
    assert actions.close_due(SYSTEM, today=notice.ends + timedelta(days=9)).passed == 0
    assert len(told.calls) == 2


def test_a_domain_that_refuses_a_row_holds_up_no_other_and_is_asked_again(world: World, told: Told) -> None:
    notice = notice_of(world)
    told.refusing = {"a"}
    after = ends(notice, 1)
    done = actions.close_due(SYSTEM, today=after)
    assert (done.passed, done.hindered, done.ended) == (1, 1, 0)
    assert (row(notice).state, row(notice).hindrance) == ("open", "收款账户还没有登记。")
    assert fresh(notice).state == "publicised"
    told.refusing = set()
    assert actions.close_due(SYSTEM, today=after).passed == 1
    assert (row(notice).state, row(notice).hindrance, fresh(notice).state) == ("passed", "", "passed")


def test_an_objection_suspends_its_row_and_the_clock_is_longer_by_the_working_days(
    world: World, told: Told
) -> None:
    notice = notice_of(world)
    first, today = ends(notice), timezone.localdate()
    objection = object_to(notice, "a", 1)
    assert row(notice, "a").paused_on == today + timedelta(days=1)
    assert row(notice, "b").paused_on is None
    # The other row passes on its day; the suspended one does not, however late it gets.
    assert actions.close_due(SYSTEM, today=first + timedelta(days=30)).passed == 1
    assert told.calls == [("passed", "b")]
    assert fresh(notice).state == "publicised"
    settle(world, objection, 8)
    calendar = working_calendar()
    paused = calendar.working_days_between(today + timedelta(days=1), today + timedelta(days=8))
    assert paused > 0
    assert row(notice, "a").ends == calendar.add_working_days(first, paused)
    assert fresh(notice).ends == row(notice, "a").ends
    assert actions.close_due(SYSTEM, today=ends(notice)).passed == 0
    assert actions.close_due(SYSTEM, today=ends(notice, 1)).passed == 1
    assert fresh(notice).state == "passed"


def test_two_objections_are_both_settled_before_the_row_goes_on(world: World, told: Told) -> None:
    notice = notice_of(world)
    first, second = object_to(notice), object_to(notice)
    settle(world, first, 1)
    assert row(notice).paused_on == timezone.localdate()
    settle(world, second, 3)
    assert row(notice).paused_on is None


def test_an_objection_to_the_whole_notice_suspends_every_row(world: World, told: Told) -> None:
    notice = notice_of(world)
    first = ends(notice)
    of_a_row, of_all = object_to(notice, "a", 0), object_to(notice, None, 1)
    assert fresh(notice).state == "suspended"
    assert row(notice, "b").paused_on == timezone.localdate() + timedelta(days=1)
    settle(world, of_a_row, 3)
    assert row(notice, "a").paused_on is not None, "the whole is still suspended"
    assert actions.close_due(SYSTEM, today=ends(notice, 30)).passed == 0
    settle(world, of_all, 7)
    assert fresh(notice).state == "publicised"
    a, b = row(notice, "a"), row(notice, "b")
    assert a.paused_on is None
    assert b.paused_on is None
    assert a.ends is not None
    assert b.ends is not None
    assert a.ends >= b.ends > first


def test_an_upheld_objection_takes_the_row_off_and_tells_the_domain(world: World, told: Told) -> None:
    notice = notice_of(world)
    objection, twin = object_to(notice), object_to(notice)
    settled = settle(world, objection, 1, upheld=True)
    assert told.calls == [("upheld", "a")]
    assert (row(notice).state, row(notice, "b").state) == ("removed", "open")
    assert settled.state == "upheld"
    twin.refresh_from_db()
    assert twin.state == "moot"
    with pytest.raises(Refused, match="本次操作没有生效"):
        settle(world, objection, 2)
    settle(world, object_to(notice, "b"), 1, upheld=True)
    assert fresh(notice).state == "stopped"


def test_an_upheld_objection_to_the_whole_ends_it(world: World, told: Told) -> None:
    notice = notice_of(world)
    settle(world, object_to(notice, None), 1, upheld=True)
    assert sorted(told.calls) == [("upheld", "a"), ("upheld", "b")]
    assert (fresh(notice).state, fresh(notice).reason) == ("stopped", "异议成立")
    with pytest.raises(Refused, match="已经结束"):
        object_to(notice)


def test_an_objection_comes_in_time_and_with_reasons(world: World, told: Told) -> None:
    notice = notice_of(world)
    late = (ends(notice) - timezone.localdate()).days
    assert object_to(notice, "a", late).state == "open", "the last day counts"
    with pytest.raises(Refused, match="公示期已满"):
        object_to(notice, "b", late + 1)
    with pytest.raises(Refused, match="至少 10 个字"):
        actions.raise_objection(SYSTEM, notice=notice, text="不对")


def test_what_was_objected_is_sealed_and_who_did_is_not_in_the_journal(world: World, told: Told) -> None:
    notice = notice_of(world)
    actor = world.actor("worker_alpha")
    objection = actions.raise_objection(
        actor, notice=notice, text=TEXT, row=row(notice), contact="13800001234"
    )
    stored = Objection.objects.everywhere(reason=WHY).get(pk=objection.pk)
    assert TEXT not in str(stored.text)
    assert stored.text.reveal() == TEXT
    assert stored.contact is not None
    assert stored.contact.reveal() == "13800001234"
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="bulletins.objected")
    assert (entry.actor_id, entry.actor_name) == (None, "公示异议人")
    told_to = (
        Message.objects.everywhere(reason=WHY)
        .filter(title="公示收到异议")
        .values_list("recipient_id", flat=True)
    )
    assert world.accounts["east_officer"].pk in list(told_to)


def test_who_may_settle(world: World, told: Told) -> None:
    notice = notice_of(world, rows=[listed("a", person=world.people["alpha_1"])])
    objection = actions.raise_objection(
        world.actor("east_officer"), notice=notice, text=TEXT, row=row(notice)
    )
    for other in ("chair_gamma", "worker_alpha", "auditor"):
        with pytest.raises(NotAllowed):
            settle(world, objection, 1, by=other)
    with pytest.raises(Refused, match="您自己提出"):
        settle(world, objection, 1, by="east_officer")
    with pytest.raises(Refused, match="请写明核实结论"):
        actions.settle_objection(world.actor("river_officer"), objection=objection, upheld=False, opinion=" ")
    assert settle(world, objection, 1, by="river_officer").state == "dismissed"
    assert (
        Message.objects.everywhere(reason=WHY)
        .filter(recipient_id=world.accounts["east_officer"].pk, title="公示异议已核实：异议不成立")
        .exists()
    )


def test_drafts_are_released_or_thrown_away(world: World) -> None:
    officer, place = world.actor("east_officer"), world.unions["east"]
    rows = [actions.Listed("1", "李建国", "江城博远电子有限公司", ("先进职工",))]
    facts = {
        "purpose": "general",
        "title": "先进职工公示",
        "organisation": place,
        "rows": rows,
        "working_days": 5,
    }
    notice = actions.draft(officer, **facts)  # type: ignore[arg-type]
    assert (notice.state, notice.number) == ("draft", None)
    with pytest.raises(NotAllowed):
        actions.release(world.actor("chair_gamma"), notice=notice)
    assert actions.release(officer, notice=notice).state == "publicised"
    with pytest.raises(Refused, match="不能删除"):
        actions.discard(officer, notice=notice)
    other = actions.draft(officer, **facts)  # type: ignore[arg-type]
    actions.discard(officer, notice=other)
    assert NoticeRow.objects.everywhere(reason=WHY).count() == 1
    with pytest.raises(NotAllowed):
        actions.draft(world.actor("chair_gamma"), **facts)  # type: ignore[arg-type]


def test_a_notice_is_stopped_and_a_row_withdrawn(world: World, told: Told) -> None:
    notice = notice_of(world)
    objection = object_to(notice, "a")
    actions.withdraw_row(SYSTEM, notice=notice, key="a", reason="申请人撤回")
    assert (row(notice).state, told.calls) == ("removed", [])
    objection.refresh_from_db()
    assert objection.state == "moot"
    actions.withdraw_row(SYSTEM, notice=notice, key="a", reason="again")
    with pytest.raises(Refused, match="情况"):
        actions.stop(world.actor("east_officer"), notice=notice, why="faulty", reason=" ")
    actions.stop(world.actor("east_officer"), notice=notice, why="faulty", reason="标题有误，另行公示")
    assert told.calls == [("upheld", "b")]
    assert fresh(notice).state == "stopped"
