"""Journey 5: legal aid from the phone over desk and lawyer to the fee; lawyers for firms, previewed and shared out."""

from collections.abc import Callable

import pytest

from tests.world import World
from unionhall.cases.models import AidAssignment, LegalAid
from unionhall.cases.tests import aid as scene

from .conftest import Visit

pytestmark = pytest.mark.browser
WHY = "test"


def test_from_the_phone_to_the_fee(standing: World, visit: Callable[..., Visit]) -> None:
    place = scene.body(standing)
    scene.on_duty(
        place, [scene.lawyer(standing, "陆思远", account="lawyer"), scene.lawyer(standing, "何清")], 1
    )
    worker = visit("phone", "worker_alpha")
    page = worker.go("/m/help/aid/new/")
    worker.check("aid-apply")
    page.get_by_label("支付劳动报酬").check()
    worker.press("下一步", "aid-form")
    worker.press("下一步", "aid-where")
    worker.press("下一步")
    page.get_by_label("事情经过和要求").fill("公司拖欠三个月工资，多次催要没有结果。")
    page.get_by_label("涉及金额（元）").fill("24000")
    worker.press("下一步", "aid-who")
    page.get_by_label("是", exact=True).check()
    for _ in ("期限", "语言", "材料"):
        worker.press("下一步")
    worker.press("下一步", "aid-check")
    worker.press("提交", "aid-done")
    found = LegalAid.objects.everywhere(reason=WHY).select_related("case").get()

    desk = visit("desk", "river_rights")
    page = desk.go("/desk/aid/")
    desk.check("aid-list")
    page.get_by_role("link", name=found.case.number).click()
    desk.check("aid-case")
    page.get_by_role("link", name="给予援助").click()
    desk.check("aid-grant")
    desk.press("给予援助")
    page.get_by_role("link", name="指派律师").click()
    desk.check("aid-offer")
    page.get_by_role("radio").first.check()
    desk.press("指派律师", "aid-offered")
    one = AidAssignment.objects.everywhere(reason=WHY).select_related("lawyer").get()
    assert one.lawyer.name == "陆思远"

    his = visit("phone", "lawyer")
    page = his.go("/partner/aid/")
    his.check("aid-partner-list")
    page.get_by_role("link", name=found.case.number).click()
    his.check("aid-partner-offered")
    page.get_by_role("link", name="接受指派").click()
    his.press("接受指派", "aid-partner-taken")
    page.get_by_role("link", name="登记办案记录").click()
    page.get_by_label("内容").fill("会见当事人，核对工资条")
    page.get_by_label("用时（小时）").fill("1.5")
    his.check("aid-partner-work")
    his.press("登记办案记录")
    page.get_by_role("link", name="报告办结").click()
    page.get_by_label("办理结果").select_option("upheld")
    page.get_by_label("为职工挽回（元）").fill("24000")
    page.get_by_label("办理情况报告").fill("仲裁委员会裁决支持全部请求，单位已经支付。")
    his.press("报告办结", "aid-partner-reported")

    page = desk.go(f"/desk/aid/{found.case.number}/")
    page.get_by_role("link", name="审核结案").click()
    desk.press("审核结案", "aid-closed")
    assert page.get_by_text("1,500.00").count() == 1

    page = worker.go(f"/m/help/aid/{found.case.number}/")
    worker.check("aid-mine")
    page.get_by_role("link", name="评价").click()
    page.get_by_text("非常满意").click()
    worker.press("评价", "aid-rated")


def test_firms_get_lawyers(standing: World, visit: Callable[..., Visit]) -> None:
    scene.lawyer(standing, "陆思远")
    desk = visit("desk", "river_rights")
    page = desk.go("/desk/lawyers/firms/")
    desk.check("counsel-firms")
    page.get_by_role("link", name="批量分配").click()
    page.get_by_label("工会").select_option(standing.unions["river_city"].code)
    desk.check("counsel-spread")
    desk.press("预览", "counsel-preview")
    desk.press("按预览分配", "counsel-batch")
    desk.go("/desk/lawyers/")
    desk.check("lawyers")
    desk.go("/desk/aid/bodies/")
    desk.check("aid-bodies")
