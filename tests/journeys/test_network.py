"""A node from plan to demonstration at two desks, then found on the phone as the nearest that is open."""

from collections.abc import Callable
from datetime import time

import pytest

from tests.world import World
from unionhall.network.models import Node, NodeHours

from .conftest import Visit

pytestmark = pytest.mark.browser
WHY = "test"


def test_from_plan_to_demonstration_to_the_phone(standing: World, visit: Callable[..., Visit]) -> None:
    desk = visit("desk", "pier_officer")
    page = desk.go("/desk/network/")
    desk.press("登记站点")
    page.get_by_label("名称").fill("码头街道职工服务站")
    page.get_by_label("所属工会代码").fill(standing.unions["pier"].code)
    page.get_by_label("类别").select_option("station")
    page.get_by_label("层级").select_option("4")
    page.get_by_label("模式").select_option("hall")
    page.get_by_label("维权").check()
    page.get_by_label("建设方式").select_option("new")
    page.get_by_label("行政区划代码").fill("420103001")
    page.get_by_label("地址").fill("沿江路 8 号")
    page.get_by_label("纬度").fill("30.6001")
    page.get_by_label("经度").fill("114.3")
    page.get_by_label("面积").fill("86")
    page.get_by_label("电话").fill("027-82000000")
    page.get_by_label("节假日照常开放").check()
    desk.picture("network-new")
    desk.press("保存", "network-planned")
    node = Node.objects.everywhere(reason=WHY).get()
    desk.press("开工建设")
    desk.press("开工建设")

    above = visit("desk", "east_officer")
    look = above.go(f"/desk/network/{node.pk}/")
    above.press("验收")
    for box in look.locator("input[name=seen]").all():
        box.check()
    look.get_by_role("radio", name="通过", exact=True).check()
    above.picture("network-accept")
    above.press("登记验收")

    # Open at whatever hour the test runs; that a form sets hours is asked of it without a browser.
    NodeHours.objects.bulk_create(
        [NodeHours(node=node, weekday=day, opens=time(0), closes=time(23, 59, 59)) for day in range(7)]
    )
    page.reload()
    desk.press("投入运行")
    desk.press("投入运行")
    look.reload()
    above.press("命名示范点")
    look.get_by_label("说明").fill("年度评比第一")
    above.press("命名示范点", "network-demonstration")
    assert Node.objects.everywhere(reason=WHY).get().state == "demonstration"

    phone = visit("phone", "worker_alpha")
    phone.page.context.grant_permissions(["geolocation"])
    phone.page.context.set_geolocation({"latitude": 30.599, "longitude": 114.3})
    near = phone.go("/m/stations/")
    near.get_by_role("button", name="看离我最近的").click()
    near.wait_for_url("**lat=30.599**")
    phone.check("stations-near")
    near.get_by_text("正在开放").first.wait_for()
    near.get_by_role("link", name="码头街道职工服务站").first.click()
    phone.check("station")
    assert near.get_by_text("122 米，北方向").count()
    narrow = visit("narrow")
    narrow.go("/stations/")
    narrow.picture("stations-public")
