"""A partner comes in: an officer opens a client, the program asks, an event is pushed to it, the token is changed."""

from collections.abc import Callable

import pytest
from django.test import override_settings

from tests.world import World
from unionhall.api.tasks import push_events
from unionhall.api.tests.clients import Caller
from unionhall.api.tests.receiver import receiver

from .conftest import Visit

pytestmark = pytest.mark.browser


@override_settings(DEMO=True)
def test_from_opening_a_client_to_its_first_event(
    standing: World, visit: Callable[..., Visit], work: Callable[[], None]
) -> None:
    with receiver() as there:
        window = visit("desk", "river_officer")
        page = window.go("/desk/clients/")
        window.check("clients-empty")
        page = window.press("开通接入方")
        page.get_by_label("名称").fill("江城银行工会卡系统")
        page.get_by_label("数据范围").fill("江东区总工会")
        page.get_by_label("核验会员卡（cards:verify）").check()
        page.get_by_label("查询会员身份（members:status）").check()
        page.get_by_label("用途").fill("江城银行核对工会卡持卡人身份")
        window.check("client-new")
        page = window.press("开通", "client-token")
        token = page.locator("b.token").inner_text()
        partner = Caller(token)
        number = standing.people["alpha_1"].id_number.reveal()
        asked = {"id_number": number, "purpose": "开立工会卡账户"}
        assert (
            partner.post("/members/status", asked).json()["organisation_name"]
            == standing.unions["alpha"].name
        )
        page = window.press("我已保存，继续", "client")
        page = window.press("登记推送地址")
        page.get_by_label("网址").fill(there.url)
        page.get_by_label("会员卡挂失（card.suspended）").check()
        page = window.press("登记", "endpoint-secret")
        secret = page.locator("b.token").inner_text()
        window.press("我已保存，继续")
        window.press("推送测试")
        window.press("发送测试事件", "endpoint")
        push_events.defer(timestamp=0)
        work()
        assert len(there.came) == 1
        assert there.came[0].verified(secret)["type"] == "endpoint.test"
        page.reload()
        assert page.get_by_text("已送达").count() == 1
        window.check("endpoint-delivered")
        window.go("/desk/clients/")
        window.check("clients")
    for size in ("desk", "narrow"):
        reader = visit(size)
        reader.go("/api/")
        reader.picture("docs")
