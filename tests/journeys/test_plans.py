"""A unit takes out a plan for its members, and the insurer takes this month's roll: both ends of 保险保障."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from tests.architecture.samples_insurers import insurer, seat
from tests.world import World
from unionhall.benefits.actions import cover_rolls
from unionhall.benefits.actions.cover_enrolment import sweep
from unionhall.benefits.models import CoverEnrolment, PlanPurchase
from unionhall.benefits.tests.plan_steps import SYSTEM, TODAY, WHY, covers, money, paid

from .conftest import Visit

pytestmark = pytest.mark.browser


def test_from_the_list_to_cover_and_its_renewal(standing: World, visit: Callable[..., Visit]) -> None:
    money(standing)
    window = visit("desk", "chair_alpha")
    page = window.go("/desk/cover/plans/")
    window.check("plans-empty")
    window.press("为会员投保", "plan-new")
    page.get_by_role("radio").first.check()
    window.press("列出名单", "plan-draft")
    page.get_by_label("选择欧阳娜").check()
    page.get_by_label("不参加的原因").select_option(index=0)
    window.press("勾选的改为不参加", "plan-below")
    assert page.get_by_text("还不能提交").count() == 1
    page.get_by_role("link", name="不参加").click()
    page.get_by_label("选择欧阳娜").check()
    window.press("勾选的改为参加")
    page.get_by_role("button", name="提交投保").click()
    page.locator("#confirm").get_by_role("button", name="确定").click()
    window.check("plan-submitted")
    purchase = PlanPurchase.objects.everywhere(reason=WHY).select_related("organisation").get()
    assert (purchase.state, str(purchase.amount)) == ("submitted", "72.00")
    paid(purchase)
    assert set(covers(purchase)) == {"欧阳娜", "单小燕"}
    page.reload()
    window.check("plan-effective")
    assert page.get_by_role("button", name="续保").count() == 0, "its end is two years away"
    begins, ends = TODAY - timedelta(days=700), TODAY + timedelta(days=30)
    PlanPurchase.objects.everywhere(reason=WHY).filter(pk=purchase.pk).update(period=DateRange(begins, ends))
    CoverEnrolment.objects.everywhere(reason=WHY).filter(programme="plan_women").update(
        period=DateRange(begins, ends)
    )
    page.reload()
    window.press("续保", "plan-renewal")
    assert page.get_by_text("续保名单已列好").count() == 1
    phone = visit("phone", "chair_alpha")
    phone.go("/desk/cover/plans/")
    phone.check("plans")


def test_the_insurer_takes_this_months_roll(standing: World, visit: Callable[..., Visit]) -> None:
    sweep()
    asked = cover_rolls.ask(SYSTEM, programme="cover_third", month=TODAY)
    made = cover_rolls.make(asked.pk)
    seat(standing, insurer(standing, "province", made.insurer))
    for size in ("desk", "phone"):
        window = visit(size, "insurer")
        page = window.go("/partner/insurance/")
        window.check("insurer-rolls")
        with page.expect_download() as coming:
            page.get_by_role("button", name="下载").first.click()
        assert coming.value.suggested_filename.startswith("cover_third-")
        window.go("/partner/insurance/files/")
        window.check("insurer-settlements")
