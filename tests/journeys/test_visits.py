"""Journey 7: an injury opens a duty; a cadre visits on the phone, what is found is answered, the worker rates it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.world import World
from unionhall.outreach.models import VisitDuty, VisitItem, VisitStop

from .conftest import Visit

pytestmark = pytest.mark.browser
WHY = "test"


def test_from_the_injury_to_the_rating(standing: World, visit: Callable[..., Visit]) -> None:
    desk = visit("desk", "pier_officer")
    page = desk.go("/desk/visits/duties/new/")
    page.get_by_role("radio", name="逢伤必探").check()
    page.get_by_label("职工").fill("张海林")
    page.get_by_label("事由").fill("装卸时砸伤了脚。")
    desk.picture("visits-duty-new")
    desk.press("登记并开始计时", "visits-duty")
    duty = VisitDuty.objects.everywhere(reason=WHY).get()

    cadre = visit("phone", "chair_alpha")
    page = cadre.go("/desk/visits/duties/")
    cadre.picture("visits-duties")
    page.get_by_role("link", name="张*").click()
    cadre.press("登记走访")
    page.get_by_role("textbox", name="企业").fill("江城博远")
    page.get_by_label("已经走访，现在补记").check()
    cadre.picture("visits-new")
    cadre.press("保存", "visits-visit-done")
    assert page.get_by_text("按时走访").count()
    cadre.press("填写情况")
    page.get_by_label("走访情况").fill("到家里看望，伤情稳定。")
    cadre.picture("visits-write")
    cadre.press("保存")
    cadre.press("登记问题")
    page.get_by_label("在哪里发现的").select_option(index=2)
    page.get_by_label("类别").select_option("safety")
    page.locator("[name=title]").fill("装卸区没有防砸鞋")
    page.get_by_label("责任人").select_option(label=_label(page, "chair_alpha"))
    cadre.picture("visits-item-new")
    cadre.press("登记", "visits-item")
    cadre.press("答复")
    page.get_by_role("textbox", name="答复").fill("已经发了防砸鞋。")
    cadre.press("提交答复")

    item = VisitItem.objects.everywhere(reason=WHY).get()
    worker = visit("phone", "worker_alpha")
    page = worker.go("/m/visits/")
    worker.picture("visits-mine")
    page.get_by_role("link", name="装卸区没有防砸鞋").click()
    worker.check("visits-my-item")
    worker.press("评价")
    page.get_by_role("radio", name="不满意", exact=True).check(force=True)
    worker.press("提交评价", "visits-rated")
    item.refresh_from_db()
    assert item.state == "reopened"
    assert VisitDuty.objects.everywhere(reason=WHY).get(pk=duty.pk).state == "met"

    stop = VisitStop.objects.everywhere(reason=WHY).get(person=standing.people["alpha_1"])
    stranger = visit("phone")
    page = stranger.go("/visits/rate/")
    page.get_by_label("评价码").fill(stop.code.reveal())
    stranger.press("查看", "visits-slip")
    for name in ("visits/table/", "contacts/firms/"):
        desk.go(f"/desk/{name}")


def _label(page: Page, account: str) -> str:
    options = page.get_by_label("责任人").locator("option").all_inner_texts()
    return next(text for text in options if account in text)
