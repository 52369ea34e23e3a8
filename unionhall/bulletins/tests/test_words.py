"""What officers write: nothing of it stands in public that a list may not show."""

import pytest
from django.test import Client

from tests.world import World
from unionhall.bulletins import actions
from unionhall.bulletins.models import Bulletin
from unionhall.foundation.errors import Refused

from .notices import SYSTEM, Told, fresh, listed, notice_of, row

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


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("名单里有人得了肝癌", "涉及健康的词“癌”"),
        ("欧阳娜不符合条件", "写出了姓名全称"),
        ("请与 138 0000 1234 联系", "含有手机号"),
    ],
)
def test_the_reason_of_stopping_names_nobody_and_nothing_private(
    world: World, told: Told, reason: str, why: str
) -> None:
    notice = notice_of(world, rows=[listed("a"), listed("b", "欧阳娜", person=world.people["alpha_2"])])
    with pytest.raises(Refused, match=why) as refusal:
        actions.stop(world.actor("east_officer"), notice=notice, reason=reason)
    assert refusal.value.field == "reason"
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
