"""What officers write: nothing of it stands in public that a list may not show."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.world import World
from unionhall.bulletins import actions
from unionhall.bulletins.actions import Listed
from unionhall.bulletins.models import Bulletin
from unionhall.foundation.errors import Refused
from unionhall.records.models import JournalEntry

from .notices import SYSTEM, Told, fresh, notice_of, row

pytestmark = pytest.mark.django_db
TEXT = "该职工的证书是去年取得的，不符合今年的条件。"


def test_the_finding_about_a_whole_notice_is_read_by_who_objected_and_not_by_everybody(
    world: World, told: Told, client: Client
) -> None:
    notice = notice_of(world)
    objection = actions.raise_objection(SYSTEM, notice=notice, text=TEXT)
    opinion = "经核实，张海林患有肝炎，已经离职。"
    actions.settle_objection(world.actor("river_officer"), objection=objection, upheld=True, opinion=opinion)
    assert fresh(notice).reason == "异议成立"
    for address in (f"/notices/{notice.number}/", f"/notices/{notice.number}/print/", "/notices/feed/"):
        assert "肝炎" not in client.get(address).content.decode()
    assert opinion in client.get(f"/notices/objections/?number={objection.number}").content.decode()


def test_why_a_notice_was_stopped_is_told_in_fixed_words_and_the_rest_in_the_journal(
    world: World, told: Told, client: Client
) -> None:
    """Also of a list that was typed by hand: nobody knows whose names stand in it."""
    officer, reason = world.actor("east_officer"), "欧阳娜弄虚作假，另有一人患肝癌"
    notice = actions.publicise(
        officer, purpose="general", title="先进职工公示", organisation=world.unions["east"], working_days=5,
        rows=[Listed("general:1", "欧阳娜", "江城安达", ("先进职工",))],
    )  # fmt: skip
    actions.stop(officer, notice=notice, why="changed", reason=reason)
    assert (fresh(notice).state, fresh(notice).reason) == ("stopped", "名单需要重新确定")
    for address in (f"/notices/{notice.number}/", f"/notices/{notice.number}/print/", "/notices/feed/"):
        page = client.get(address).content.decode()
        assert "欧阳娜" not in page
        assert "肝癌" not in page
    entry = JournalEntry.objects.everywhere(reason="test").get(action="bulletins.stopped")
    assert (entry.reason, entry.detail["why"]) == (reason, "changed")


def test_the_page_that_stops_a_notice_asks_for_both(
    world: World, told: Told, signed_in: Callable[[str], Client]
) -> None:
    notice = notice_of(world)
    address = f"/desk/bulletins/{notice.pk}/stop/"
    answer = signed_in("east_officer").post(address, {"why": "欧阳娜弄虚作假"})
    assert sorted(answer.context["form"].errors) == ["reason", "why"]
    assert (fresh(notice).state, row(notice).state, told.calls) == ("publicised", "open", [])


def test_the_source_of_a_bulletin_holds_no_personal_number(world: World) -> None:
    officer = world.actor("east_officer")
    given = {"title": "标题", "body": "正文"}
    with pytest.raises(Refused, match="文号或来源含有身份证号") as refusal:
        actions.write(
            officer, kind="news", organisation=world.unions["east"], source="张三 429900198803041235", **given
        )
    assert refusal.value.field == "source"
    one = actions.write(
        officer, kind="policy", organisation=world.unions["east"], source="江东工发〔2026〕1 号", **given
    )
    with pytest.raises(Refused, match="文号或来源含有手机号"):
        actions.revise(officer, bulletin=one, source="联系人 13800001234", **given)
    with pytest.raises(Refused, match="不超过 120 个字"):
        actions.revise(officer, bulletin=one, source="江" * 121, **given)
    assert Bulletin.objects.everywhere(reason="test").get().source == "江东工发〔2026〕1 号"
