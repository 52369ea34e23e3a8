"""Journey 3 of cases: a worker reports on the phone, the desk answers, he is not satisfied, the desk calls back."""

import re
from collections.abc import Callable
from urllib.parse import urldefrag, urlsplit

import pytest

from tests.world import World
from unionhall.cases.actions import appeals
from unionhall.cases.models import Case
from unionhall.cases.tests.test_appeals import matter
from unionhall.foundation.actors import Actor
from unionhall.window.presenting import progress_address

from .conftest import Visit

pytestmark = pytest.mark.browser
WHY = "test"


def _report(worker: Visit, statement: str, *, anonymous: bool = False, pictures: bool = False) -> None:
    page = worker.go("/m/help/")
    if pictures:
        worker.picture("appeals-help")
    worker.press("反映问题")
    page.get_by_role("radio", name="工资报酬").check()
    page.get_by_label("说说情况").fill(statement)
    if pictures:
        worker.picture("appeals-what")
    worker.press("下一步")
    page.get_by_role("radio", name=re.compile("^上级工会")).check()
    if pictures:
        worker.picture("appeals-where")
    worker.press("下一步")
    page.get_by_role("radio", name=re.compile("^匿名" if anonymous else "^实名")).check()
    worker.press("下一步", "appeals-check" if pictures else "")
    worker.press("提交", "appeals-done" if anonymous else "")


def test_from_the_phone_to_the_call_back(standing: World, visit: Callable[..., Visit]) -> None:
    worker = visit("phone", "worker_alpha")
    _report(worker, "公司三个月没发工资了。", pictures=True)
    case = Case.objects.everywhere(reason=WHY).get()

    desk = visit("desk", "pier_officer")
    page = desk.go("/desk/cases/")
    desk.picture("cases-list")
    page.get_by_role("link", name=case.title).click()
    desk.check("cases-received")
    page.get_by_role("radio", name="受理", exact=True).check()
    desk.press("提交")
    page.get_by_role("radio", name="答复").check()
    page.get_by_label("意见").fill("公司已补发两个月工资。")
    desk.press("提交", "cases-answered")

    page = worker.go(f"/m/help/{case.number}/")
    worker.picture("appeals-answered")
    worker.press("评价办理结果")
    page.locator("input[name=rating][value='2']").check(force=True)
    page.get_by_label("想说的话").fill("还差一个月。")
    worker.picture("appeals-rate")
    worker.press("提交评价", "appeals-rated")

    page = desk.go(f"/desk/cases/{case.number}/")
    assert page.get_by_text("待回访").count()
    page.get_by_role("radio", name="登记回访").check()
    page.get_by_label("意见").fill("电话里说明了第三个月的安排。")
    desk.press("提交", "cases-fixing")
    case.refresh_from_db()
    assert case.state == "fixing"


def test_anonymously_the_code_opens_it(standing: World, visit: Callable[..., Visit]) -> None:
    worker = visit("phone", "worker_alpha")
    _report(worker, "食堂把剩菜第二天又卖。", anonymous=True)
    found = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", worker.page.content())
    assert found is not None
    case = Case.objects.everywhere(reason=WHY).get()
    assert (case.filed_by_id, case.person_id) == (None, None)
    stranger = visit("phone")
    page = stranger.go("/feedback/")
    stranger.picture("feedback")
    stranger.press("我提交过，看进度")
    page.get_by_label("受理编号").fill(case.number)
    page.get_by_label("查询码").fill(found[0])
    stranger.press("查询", "feedback-case")
    assert page.get_by_text("食堂把剩菜第二天又卖。").count()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_receipts_qr_code_asks_without_telling_any_address(
    standing: World, visit: Callable[..., Visit], scripts: bool
) -> None:
    made = appeals.file_public(Actor(None, "访客"), matter(standing))
    stranger = visit("phone", scripts=scripts)
    asked: list[str] = []
    stranger.page.on("request", lambda request: asked.append(request.url))
    page = stranger.go(
        urlsplit(progress_address(made.case.number, made.code))._replace(scheme="", netloc="").geturl()
    )
    if not scripts:  # then both are typed
        assert page.get_by_label("办件编号").input_value() == ""
        page.get_by_label("办件编号").fill(made.case.number)
        page.get_by_label("查询码").fill(made.code)
        stranger.press("查询")
    page.get_by_text("待分办").wait_for()
    stranger.check()
    assert page.url == f"{stranger.address}/progress/"
    if scripts:  # another receipt, while the page stands open
        stranger.go("/progress/")
        page.evaluate(
            "given => { location.hash = given }", urlsplit(progress_address(made.case.number)).fragment
        )
        page.get_by_text("没有找到").wait_for()
        assert page.url == f"{stranger.address}/progress/"
    assert not any(made.code in urldefrag(one).url for one in asked)
