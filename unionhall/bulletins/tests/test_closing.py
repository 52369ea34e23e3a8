"""The hourly end of periods: rows pass one by one, nothing is done twice, and nothing is left standing in public."""

import logging

import pytest

from tests.world import World
from unionhall.bulletins import actions
from unionhall.bulletins.actions import closing
from unionhall.records.models import JournalEntry

from .notices import SYSTEM, WHY, Told, ends, fresh, notice_of, row

pytestmark = pytest.mark.django_db


def test_a_notice_ends_after_a_run_that_was_killed_between_its_last_row_and_its_end(
    world: World, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = notice_of(world)
    after = ends(notice, 1)
    with monkeypatch.context() as killed:
        killed.setattr(closing, "_end", lambda *args: None)
        assert actions.close_due(SYSTEM, today=after).passed == 2
    assert fresh(notice).state == "publicised"
    done = actions.close_due(SYSTEM, today=after)
    assert (done.passed, done.ended) == (0, 1)
    assert fresh(notice).state == "passed"
    assert fresh(notice).closed_at is not None, "from then on its names leave the page after thirty days"
    assert JournalEntry.objects.everywhere(reason=WHY).filter(action="bulletins.passed").count() == 1
    assert actions.close_due(SYSTEM, today=after).ended == 0
    assert told.calls == [("passed", "a"), ("passed", "b")]


def test_a_row_at_which_a_program_breaks_holds_up_no_other_notice(
    world: World, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    broken, other = notice_of(world, "a", "b"), notice_of(world, "c")
    told.failing = {"a"}
    after = ends(broken, 1)
    with caplog.at_level(logging.ERROR, "unionhall.bulletins"):
        done = actions.close_due(SYSTEM, today=after)
    assert (done.passed, done.hindered, done.ended) == (2, 1, 1)
    assert (row(broken).state, row(broken, "b").state, fresh(other).state) == ("open", "passed", "passed")
    assert "系统出错" in row(broken).hindrance
    assert [record.getMessage() for record in caplog.records] == [
        f"a public notice's row failed row={row(broken).pk}"
    ]
    told.failing = set()
    assert actions.close_due(SYSTEM, today=after).passed == 1
    assert (row(broken).hindrance, fresh(broken).state) == ("", "passed")
