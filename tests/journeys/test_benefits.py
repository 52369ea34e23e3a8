"""Journey: what can I get, a need, a voucher redeemed once, a claim, a subsidy; and the desks that answer."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.architecture import samples_services as scene
from tests.world import World
from unionhall.benefits import certificates
from unionhall.benefits.actions import needs
from unionhall.benefits.actions.cover_enrolment import sweep
from unionhall.benefits.models import CareerApplication, CoverClaim, NeedsAnswer, Redemption, Voucher
from unionhall.benefits.tests.test_subsidy import certificate
from unionhall.foundation.actors import system_actor

from .conftest import Visit

pytestmark = pytest.mark.browser
WHY, TODAY = "test", timezone.localdate()
SYSTEM = system_actor()


def test_what_a_worker_gets_and_who_gives_it(
    standing: World, visit: Callable[..., Visit], tmp_path: Path
) -> None:
    sweep()
    service = scene.service(standing)
    till = scene.teller(standing, service.merchant)
    certificates.register(SYSTEM, listed=[certificate(standing)])
    needs.open_round(
        SYSTEM, organisation=standing.unions["river_city"], title="今年的需求征集", starts=TODAY,
        ends=TODAY + timedelta(days=9),
    )  # fmt: skip
    worker = visit("phone", "worker_alpha")
    page = worker.go("/m/benefits/")
    worker.picture("benefits-mine")
    page.get_by_role("link", name="职业发展助推补贴").first.click()
    worker.check("benefits-one")

    # A need, once; what meets it is shown.
    worker.go("/m/needs/")
    page.get_by_role("link", name="去填写").click()
    worker.check()
    page.get_by_label("交友联谊").check()
    page.get_by_label("学技能、考证书").check()
    worker.press("提交", "benefits-need")
    assert NeedsAnswer.objects.everywhere(reason=WHY).count() == 1
    desk = visit("desk", "river_officer")
    desk.go("/desk/needs/")
    desk.press("今年的需求征集", "benefits-need-desk")

    # A certificate, one press.
    worker.go("/m/apply/career_subsidy/")
    page.get_by_role("button", name="用这本证书申请").click()
    worker.check("benefits-subsidy-done")
    assert CareerApplication.objects.everywhere(reason=WHY).count() == 1
    desk.go("/desk/subsidy/")

    # A claim: what happened, two papers, handed in.
    worker.go("/m/apply/cover_accident/")
    claim = _claim(worker, tmp_path)
    assert claim.review is not None
    reader = visit("desk", "chair_alpha")
    reader.go(f"/desk/cover/claims/{claim.pk}/")

    # A voucher, taken and redeemed exactly once.
    worker.go(f"/m/benefits/services/{service.pk}/")
    worker.press("领取", "benefits-voucher")
    voucher = Voucher.objects.everywhere(reason=WHY).get()
    counter = visit("desk", "merchant")
    shop = counter.go("/partner/redeem/")
    shop.get_by_label("券码").fill(voucher.code)
    shop.get_by_role("button", name="核销", exact=True).click()
    counter.check("benefits-redeemed")
    assert shop.get_by_role("heading", name="核销成功").count()
    shop.get_by_label("券码").fill(voucher.code)
    shop.get_by_role("button", name="核销", exact=True).click()
    counter.check()
    assert shop.get_by_role("heading", name="已经核销过").count()
    assert Redemption.objects.everywhere(reason=WHY).filter(merchant=till.merchant).count() == 1


def _claim(worker: Visit, tmp_path: Path) -> CoverClaim:
    page, scan = worker.page, tmp_path / "材料.pdf"
    scan.write_bytes(b"%PDF-1.4\n%%EOF")
    page.get_by_role("radio", name="火灾").first.check()
    page.get_by_label("哪一天发生的").fill(f"{TODAY - timedelta(days=1):%Y-%m-%d}")
    worker.press("下一步", "benefits-claim")
    worker.press("填写情况")
    page.locator("textarea").first.fill("厨房电线老化起火，烧毁家具。")
    page.locator("[name=loss]").fill("80000")
    worker.press("保存")
    for number in range(2):
        page.get_by_role("link", name="上传").nth(number).click()
        worker.check()
        page.locator("input[type=file]").set_input_files(scan)
        worker.press("上传")
    worker.press("提交申请", "benefits-claim-done")
    return CoverClaim.objects.everywhere(reason=WHY).select_related("review").get()
