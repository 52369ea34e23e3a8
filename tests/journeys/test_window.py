"""Journey 2 of the service network: a number is drawn and called, the ID card is read by a program on this machine,
its holder is registered and joins, a list of what is missing and a receipt are printed, the board shows who is called.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from tests.world import World, resident_id
from unionhall.foundation.actors import system_actor
from unionhall.organising.models import Admission
from unionhall.window.actions import halls
from unionhall.window.models import Counter, Intake

from .conftest import Visit

pytestmark = pytest.mark.browser
WHY = "test"
BORN = date(1999, 6, 18)


@pytest.fixture
def reader(standing: World, settings: Any) -> Iterator[str]:
    """A vendor's program as docs/card-reader.md asks it to be, at an origin of its own; answers the card's number."""
    number = resident_id(BORN, "2", 81)

    class Program(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"type": "01", "number": number, "name": "何小满"}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", ""))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Program)
    Thread(target=server.serve_forever, daemon=True).start()
    settings.CARD_READER = f"http://127.0.0.1:{server.server_port}/card"
    yield number
    server.shutdown()
    server.server_close()


def test_one_window(standing: World, visit: Callable[..., Visit], reader: str) -> None:
    hall = halls.open_hall(system_actor(), organisation=standing.unions["pier"], name="码头街道职工服务站")
    counter = Counter.objects.everywhere(reason=WHY).get(hall=hall, number=2)
    halls.sit_down(standing.actor("clerk"), counter=counter)

    phone = visit("phone")
    page = phone.go(f"/window/kiosk/{hall.key}/")
    phone.picture("window-kiosk")
    page.get_by_role("button", name="综合受理").click()
    phone.check("window-ticket")
    assert page.get_by_text("前面 0 人").count() == 1

    clerk = visit("desk", "clerk")
    page = clerk.go("/window/")
    clerk.press("叫下一个", "window-home")
    assert page.get_by_text("A001").count()
    screen = visit("screen")
    screen.go(f"/window/board/{hall.key}/")
    screen.picture("window-board")
    assert screen.page.get_by_text("请到 2 号窗口").count() == 1

    page.get_by_role("button", name="读身份证").click()
    page.wait_for_url("**/window/find/")
    clerk.check()
    assert page.get_by_role("textbox", name="证件号码").input_value() == reader
    page.get_by_role("button", name="读身份证填入").click()
    page.get_by_text("已读取").wait_for()
    page.get_by_role("checkbox").check()
    clerk.picture("window-register")
    clerk.press("登记并接待", "window-reception")
    page.get_by_role("link", name="入会").first.click()
    clerk.check()
    page.get_by_role("textbox", name="单位或工会").fill("博远电子")
    page.get_by_role("textbox", name="做什么工作").fill("装配工")
    clerk.picture("window-join")
    clerk.press("受理", "window-receipt")
    assert Admission.objects.everywhere(reason=WHY).get().organisation == standing.unions["beta"]
    clerk.press("80 毫米小票", "window-slip")
    sheets = re.findall(rb"/MediaBox \[0 0 ([0-9.]+)", page.pdf(prefer_css_page_size=True))
    assert [round(float(width) / 72 * 25.4) for width in sheets] == [80]  # one slip, 80 mm wide
    clerk.press("返回接待")
    clerk.press("办完，结束接待", "window-after")
    assert Intake.objects.everywhere(reason=WHY).get().state == "filed"
    clerk.go(f"/window/halls/{hall.pk}/")
    clerk.picture("window-hall")
    clerk.go("/window/papers/new/")
    clerk.picture("window-papers")
