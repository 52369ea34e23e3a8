"""Pages of notices: what everybody sees, what a draft hides, objections from the page to the finding."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.world import World
from unionhall.bulletins import actions
from unionhall.bulletins.models import Bulletin, NoticeRow, Objection, PublicNotice
from unionhall.bulletins.presenting import NAMES_DAYS
from unionhall.records.models import JournalEntry

from .notices import SYSTEM, WHY, Told, ends, fresh, listed, notice_of, row

SignIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db
TEXT = "该职工的证书是去年取得的，不符合今年的条件。"


def get(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def test_everybody_reads_a_masked_list_on_page_paper_and_feed(
    client: Client, world: World, told: Told
) -> None:
    notice = notice_of(world, rows=[listed("a", "张海林"), listed("b", "欧阳娜")])
    page = get(client, f"/notices/{notice.number}/")
    for words in ("张*", "欧*", "江城安达快递有限公司", "技师补贴", "1,000.00"):
        assert words in page
    assert "张海林" not in page
    assert notice.title in get(client, "/notices/")
    assert "张*" in get(client, f"/notices/{notice.number}/print/")
    response = client.get("/notices/feed/")
    feed = response.content.decode()
    assert response["Content-Type"].startswith("application/atom+xml")
    assert f"/notices/{notice.number}/" in feed
    assert "张" not in feed


def test_a_draft_is_nobodys_business(client: Client, world: World) -> None:
    notice = actions.draft(
        SYSTEM,
        purpose="general",
        title="还没定的公示",
        organisation=world.unions["east"],
        rows=[actions.Listed("1", "李建国", "", ("先进职工",))],
        working_days=5,
    )
    PublicNotice.objects.everywhere(reason=WHY).filter(pk=notice.pk).update(number="GS1")
    assert "还没定" not in get(client, "/notices/") + client.get("/notices/feed/").content.decode()
    for address in ("", "print/", "object/"):
        assert client.get(f"/notices/GS1/{address}").status_code == 404


def test_a_row_that_was_taken_off_says_nothing_more(client: Client, world: World, told: Told) -> None:
    notice = notice_of(
        world, rows=[listed("a", "张海林"), listed("b", "李建国", unit="江城博远电子有限公司")]
    )
    actions.withdraw_row(SYSTEM, notice=notice, key="b", reason="申请人撤回")
    page = get(client, f"/notices/{notice.number}/")
    assert "已取消" in page
    assert "江城博远" not in page
    assert "江城博远" not in get(client, f"/notices/{notice.number}/print/")


def test_names_leave_the_page_some_time_after_the_end(client: Client, world: World, told: Told) -> None:
    notice = notice_of(world, "a")
    actions.close_due(SYSTEM, today=ends(notice, 1))
    assert "张*" in get(client, f"/notices/{notice.number}/")
    PublicNotice.objects.everywhere(reason=WHY).update(closed_at=timezone.now() - timedelta(days=NAMES_DAYS))
    page = get(client, f"/notices/{notice.number}/")
    assert "张*" not in page
    assert notice.title in page


def test_filters_and_pages(client: Client, world: World, told: Told) -> None:
    running, over = notice_of(world, "a"), notice_of(world, "b", at="west")
    actions.stop(SYSTEM, notice=over, why="faulty", reason="标题有误")
    assert str(running.number) in get(client, "/notices/?state=running")
    assert str(over.number) not in get(client, "/notices/?state=running")
    assert str(running.number) not in get(client, "/notices/?q=江西区")
    many = notice_of(world, rows=[listed(str(n)) for n in range(60)])
    first = get(client, f"/notices/{many.number}/")
    assert ">50<" in first
    assert ">51<" not in first
    assert ">51<" in get(client, f"/notices/{many.number}/?after=50")


@pytest.mark.parametrize("address", ["/notices/", "/notices/{}/", "/notices/feed/"])
def test_more_rows_cost_no_more_statements(client: Client, world: World, told: Told, address: str) -> None:
    counts = []
    for n in (1, 3):
        notice = [notice_of(world, *"abc"[:n]) for _ in range(n)][-1]
        get(client, address.format(notice.number))
        with CaptureQueriesContext(connection) as queries:
            get(client, address.format(notice.number))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4


def test_anybody_objects_from_the_page_and_reads_the_finding_by_number(
    client: Client, world: World, told: Told
) -> None:
    notice = notice_of(world)
    address = f"/notices/{notice.number}/object/"
    assert 'value="2"' in get(client, f"{address}?row=2")
    short = client.post(address, {"row": "2", "text": "不对"})
    assert (short.status_code, "至少 10 个字" in short.content.decode()) == (422, True)
    assert client.post(address, {"row": "9", "text": TEXT}).status_code == 422
    answer = client.post(address, {"row": "2", "text": TEXT}, follow=True).content.decode()
    number = Objection.objects.everywhere(reason=WHY).get().number
    assert number in answer
    assert TEXT not in answer
    assert row(notice, "b").paused_on == timezone.localdate()
    assert "暂停，核实异议" in get(client, f"/notices/{notice.number}/")
    objection = Objection.objects.everywhere(reason=WHY).get()
    actions.settle_objection(
        world.actor("east_officer"), objection=objection, upheld=False, opinion="证书有效。"
    )
    shown = get(client, f"/notices/objections/?number={number.lower()}")
    assert "证书有效。" in shown
    assert TEXT not in shown
    assert "没有找到" in get(client, "/notices/objections/?number=YY0000000000")


def test_one_network_cannot_hold_up_every_notice(
    client: Client, world: World, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    from unionhall.bulletins.views import objecting

    monkeypatch.setattr(objecting, "A_DAY", 1)
    notice = notice_of(world)
    address = f"/notices/{notice.number}/object/"
    assert client.post(address, {"text": "短"}).status_code == 422, "what is not sent costs nothing"
    assert client.post(address, {"row": "1", "text": TEXT}).status_code == 302
    refused = client.post(address, {"row": "2", "text": TEXT})
    assert refused.status_code == 429
    assert Objection.objects.everywhere(reason=WHY).count() == 1


def test_an_officer_pastes_a_list_reads_it_and_publishes(signed_in: SignIn, world: World) -> None:
    officer = signed_in("east_officer")
    place = world.unions["east"]
    sent = {
        "organisation": place.pk,
        "title": "先进职工公示",
        "working_days": 5,
        "rows": "李建国\t博远电子\t先进职工\n王强，广厦建筑",
    }
    wrong = officer.post("/desk/bulletins/new/", sent)
    assert (wrong.status_code, "第 2 行应有" in wrong.content.decode()) == (422, True)
    ill = officer.post("/desk/bulletins/new/", sent | {"rows": "李建国，博远电子，大病救助"})
    assert (ill.status_code, "涉及健康" in ill.content.decode()) == (422, True)
    answer = officer.post(
        "/desk/bulletins/new/", sent | {"rows": "李建国\t博远电子\t先进职工\n王强,广厦建筑,先进职工"}
    )
    notice = PublicNotice.objects.everywhere(reason=WHY).get()
    assert answer["Location"] == f"/desk/bulletins/{notice.pk}/"
    assert "李*" in get(officer, f"/desk/bulletins/{notice.pk}/")
    officer.post(f"/desk/bulletins/{notice.pk}/release/")
    assert fresh(notice).state == "publicised"
    stopped = officer.post(f"/desk/bulletins/{notice.pk}/stop/", {"why": "faulty", "reason": "标题有误"})
    assert stopped.status_code == 302
    assert fresh(notice).reason == "公示内容有误"
    assert NoticeRow.objects.everywhere(reason=WHY).filter(state="removed").count() == 2


def test_settling_on_the_desk_reads_with_a_trace_and_reveals_for_a_reason(
    signed_in: SignIn, world: World, told: Told
) -> None:
    notice = notice_of(world)
    objection = actions.raise_objection(
        SYSTEM, notice=notice, text=TEXT, row=row(notice), contact="13800001234"
    )
    officer, address = signed_in("east_officer"), f"/desk/bulletins/objections/{objection.pk}/"
    assert notice.title in get(officer, "/desk/bulletins/objections/")
    page = get(officer, address)
    assert TEXT in page
    assert "138****1234" in page
    assert "13800001234" not in page
    read = JournalEntry.objects.everywhere(reason=WHY).filter(action="bulletins.objection_read")
    assert read.count() == 1
    assert officer.post(f"{address}contact/", {"reason": ""}).status_code == 422
    shown = officer.post(f"{address}contact/", {"reason": "联系提出人核实"}).content.decode()
    assert "13800001234" in shown
    assert read.count() == 2
    assert officer.post(address, {"outcome": "upheld", "opinion": ""}).status_code == 422
    assert officer.post(address, {"outcome": "upheld", "opinion": "确实不符合。"}).status_code == 302
    assert row(notice).state == "removed"
    assert notice.title not in get(officer, "/desk/bulletins/objections/")
    assert notice.title in get(officer, "/desk/bulletins/objections/?state=upheld")


def test_a_bulletin_is_public_from_publication_until_it_is_taken_down(
    signed_in: SignIn, client: Client, world: World
) -> None:
    officer = signed_in("east_officer")
    sent = {
        "organisation": world.unions["east"].pk, "kind": "policy", "title": "技能补贴办法", "body": "第一条\n\n第二条",
        "source": "江东工发〔2026〕1 号",
    }  # fmt: skip
    personal = officer.post("/desk/bulletins/texts/new/", sent | {"body": "联系人 13800001234"})
    assert (personal.status_code, "手机号" in personal.content.decode()) == (422, True)
    officer.post("/desk/bulletins/texts/new/", sent)
    one = Bulletin.objects.everywhere(reason=WHY).get()
    assert "技能补贴办法" not in get(client, "/policies/")
    officer.post(f"/desk/bulletins/texts/{one.pk}/publish/")
    one.refresh_from_db()
    assert re.fullmatch(r"ZC\d{13}", one.number or "")
    assert "技能补贴办法" in get(client, "/policies/")
    assert "<p>第二条</p>" in get(client, f"/announcements/{one.number}/")
    assert "技能补贴办法" not in get(client, "/news/") + get(client, "/announcements/")
    edit = {"title": "技能补贴办法", "body": "第一条（更正）", "source": "", "reason": ""}
    assert officer.post(f"/desk/bulletins/texts/{one.pk}/edit/", edit).status_code == 422
    officer.post(f"/desk/bulletins/texts/{one.pk}/edit/", edit | {"reason": "笔误"})
    assert "更正" in get(client, f"/announcements/{one.number}/")
    officer.post(f"/desk/bulletins/texts/{one.pk}/take-down/", {"reason": "废止"})
    assert client.get(f"/announcements/{one.number}/").status_code == 404
    for address in ("/desk/bulletins/texts/", f"/desk/bulletins/texts/{one.pk}/"):
        assert "技能补贴办法" in get(officer, address)
