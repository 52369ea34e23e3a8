"""A dispute from end to end: filed on the phone, accepted, mediated, agreed, signed, confirmed by the partner court."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.world import World
from unionhall.cases.models import Case, Mediation, Referral
from unionhall.cases.tests import disputes as scene

from .conftest import Visit

pytestmark = pytest.mark.browser
WHY = "the journey looks at what was written"


def test_from_filing_to_the_courts_ruling(standing: World, visit: Callable[..., Visit]) -> None:
    scene.mediator(scene.body(standing, "pier"), account=standing.accounts["mediator"])
    scene.seat(standing, scene.partner(standing, union="pier"))
    phone = visit("phone", "worker_alpha")
    phone.go(reverse("m_dispute_new"))
    page = phone.page
    phone.press("下一步", "dispute-cause")
    page.get_by_label("争议类型").select_option("wages")
    phone.press("下一步", "dispute-ended")
    page.get_by_label("劳动关系终止日期").fill(f"{timezone.localdate() - timedelta(days=355)}")
    phone.press("下一步", "dispute-claim")
    page.get_by_text("申请劳动仲裁的最后一天是").wait_for()
    page.get_by_label("请求事项").fill("支付工资 12000 元")
    page.get_by_label("涉及金额（元）").fill("12000")
    phone.press("下一步")
    page.get_by_label("事情经过").fill("拖欠三个月工资。")
    phone.press("下一步")
    page.go_back()  # back works, and what was written is there
    assert page.get_by_label("事情经过").input_value() == "拖欠三个月工资。"
    phone.press("下一步")
    phone.press("下一步")
    page.locator("input[type=file]").set_input_files(
        {"name": "工资条.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\ntrailer\n%%EOF\n"}
    )
    phone.press("保存，再加一个", "dispute-papers")
    phone.press("下一步", "dispute-check")
    page.get_by_text("工资条.pdf").wait_for()
    phone.press("提交", "dispute-filed")
    case = Case.objects.everywhere(reason=WHY).get(kind="dispute")

    desk = visit("desk", "pier_officer")
    page = desk.go(reverse("desk_case", args=[case.number]))
    page.get_by_label("受理", exact=True).check()
    desk.press("提交")
    desk.press("指派调解员", "dispute-assign")
    desk.press("指派", "dispute-assigned")
    held = Mediation.objects.everywhere(reason=WHY).get(case=case)

    mediator = visit("desk", "mediator")
    page = mediator.go(reverse("partner_mediations"))
    mediator.go(reverse("partner_mediation", args=[held.pk]))
    page = mediator.press("拟定协议")
    page.get_by_label("协议内容").fill("公司支付工资 12000 元。")
    page.get_by_label("金额（元）").fill("12000")
    page.get_by_label("什么时候付").fill(f"{timezone.localdate() + timedelta(days=7)} 12000")
    mediator.press("保存", "dispute-mediator")
    page = mediator.press("登记纸质签字")
    page.get_by_label("用人单位").check()
    page.get_by_label("签字人").fill("人事经理")
    mediator.press("保存")
    page.get_by_role("button", name="我是调解员，签字").click()
    page.locator("#confirm").get_by_role("button", name="确定").click()
    page.get_by_text("您已签字").wait_for()

    page = phone.go(reverse("m_help_case", args=[case.number]))
    page = phone.press("看协议并确认", "dispute-sign")
    page.get_by_label("我已经看过协议全文，自愿同意").check()
    phone.press("确认协议", "dispute-agreed")
    case.refresh_from_db()
    assert case.state == "agreed"

    page = desk.go(reverse("desk_case_refer", args=[case.number]))
    page.get_by_label("转给谁、请它办什么").select_option(index=1)
    page.get_by_label("具体请求").fill("请依法确认调解协议。")
    desk.check("dispute-refer")
    desk.press("转办", "dispute-referred")
    found = Referral.objects.everywhere(reason=WHY).get(case=case)

    court = visit("desk", "agency")
    court.go(reverse("desk_home"))
    court.go(reverse("partner_referrals"))
    court.go(reverse("partner_referral", args=[found.pk]))
    court.press("接收", "dispute-folder")
    page = court.press("答复结果")
    page.get_by_label("办理结果").fill("裁定调解协议有效，文书号民特 1 号。")
    court.press("答复", "dispute-replied")

    page = desk.go(reverse("desk_dispute_confirm", args=[case.number]))
    page.get_by_label("裁定书号").fill("民特 1 号")
    desk.press("保存", "dispute-confirmed")
    case.refresh_from_db()
    assert case.state == "confirmed"
    for name in ("desk_disputes", "desk_dispute_figures"):
        desk.go(reverse(name))
