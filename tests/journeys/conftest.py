"""A real browser against a live server: desk and phone widths, axe on every page, nothing leaves the machine."""

import asyncio
import hashlib
import json
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Frame, Page, Playwright, Request, expect
from playwright.sync_api import Error as PlaywrightError

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer

    from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"desk": (1440, 900), "phone": (390, 844), "narrow": (360, 740), "screen": (1920, 1080)}
Size = Literal["desk", "phone", "narrow", "screen"]
#: How often a page may turn while it is looked at.
LOOKS = 5
#: Milliseconds: other tests share the cores, and waiting costs nothing where all is well.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)
TURNED = "Execution context was destroyed"


def _chromium() -> str:
    for name in ("chromium-headless-shell", "chromium"):
        found = shutil.which(name)
        if found:
            return found
    pytest.exit("浏览器测试需要 Chromium：apt-get install chromium fonts-wqy-microhei", returncode=3)


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    flags = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-quic"]
    opened = playwright.chromium.launch(executable_path=_chromium(), args=flags)
    yield opened
    opened.close()


class Visit:
    """One person's browser window. Every page it opens is checked for errors, strangers and accessibility."""

    def __init__(self, page: Page, address: str, size: Size, scripts: bool = True) -> None:
        self.page, self.address, self.size, self.scripts = page, address, size, scripts
        self.wrong: list[str] = []
        #: The page on its way, if one is, and how many have been asked for.
        self.coming: Request | None = None
        self.turns = 0
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.wrong.append(f"script: {error}"))
        page.on("request", self._request)
        page.on("framenavigated", self._came)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    def _console(self, message: ConsoleMessage) -> None:
        # A 404 or 422 that the journey provokes is logged by Chromium as a failed resource: not a script error.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.wrong.append(f"console: {message.text}")
        elif message.type == "warning" and "header" in message.text:
            self.wrong.append(f"a header of ours: {message.text}")

    def _request(self, request: Request) -> None:
        host = urlparse(request.url).hostname
        if host not in {"localhost", "127.0.0.1", None}:
            self.wrong.append(f"left the machine: {request.url}")
        if request.is_navigation_request() and request.frame == self.page.main_frame:
            self.coming = request
            self.turns += 1

    def _came(self, frame: Frame) -> None:
        if frame == self.page.main_frame:
            self.coming = None

    def _ended(self, request: Request) -> None:
        """A download or an empty answer turns no page."""
        if request == self.coming:
            self.coming = None

    def go(self, path: str) -> Page:
        self.page.goto(self.address + path)
        return self.check()

    def check(self, shot: str = "") -> Page:
        """The page as it stands: no errors so far, nothing wider than the window, axe clean. `shot` names a picture.

        A page that turns while it is looked at (a script leads on, a form was just sent) is not what was meant: the
        next one is looked at instead.
        """
        for _ in range(LOOKS):
            turns = self.turns
            try:
                self.settle()
                turns = self.turns - bool(self.coming)  # one that was asked for while we settled
                self._look()
            except AssertionError:
                if self.turns == turns:
                    raise
            except PlaywrightError as failure:
                if self.turns == turns and TURNED not in str(failure):
                    raise
                continue
            if self.turns == turns:
                break
        else:
            raise AssertionError(f"{self.page.url} leads from page to page without an end")
        if shot:
            self.picture(shot)
        return self.page

    def _look(self) -> None:
        assert self.wrong == []
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
        )
        assert not wide, f"{self.page.url} scrolls sideways at {self.size}"
        if self.scripts:  # axe cannot run where no script runs
            assert violations(self.page) == []

    def settle(self) -> None:
        """Come, loaded, and no part of the page is being fetched any more."""
        until = time.monotonic() + PATIENCE / 1000
        while self.coming:
            assert time.monotonic() < until, f"{self.coming.url} does not come"
            self.page.wait_for_timeout(10)
        self.page.wait_for_load_state("load")
        if self.scripts:
            expect(self.page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)

    def press(self, name: str, shot: str = "") -> Page:
        """Press the button or follow the link with this name, and look at what comes."""
        pressable = self.page.get_by_role("button", name=name, exact=True).or_(
            self.page.get_by_role("link", name=name, exact=True)
        )
        pressable.first.click()
        return self.check(shot)

    def picture(self, name: str) -> None:
        """Kept only when UNIONHALL_SHOTS names a folder."""
        folder = os.environ.get("UNIONHALL_SHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=f"{folder}/{name}-{self.size}.png")


AXE = ROOT / "node_modules/axe-core/axe.min.js"
#: Stylesheets are not fetched a second time for the one rule that reads them (see foundation/tests/test_look.py).
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "resultTypes": ["violations"],
    "preload": False,
}
#: What axe judges by: the elements, what is entered and ticked, and where the focus is. Stylesheets stay as they are.
STANDING = """() => [
  document.documentElement.outerHTML,
  ...[...document.querySelectorAll("input, select, textarea")].map((one) => `${one.value} ${one.checked}`),
  document.activeElement?.outerHTML,
].join("\\n")"""
#: Different each time, and no concern of axe's.
_FLEETING = re.compile(r'nonce="[^"]*"|value="[0-9A-Za-z]{64}"|\b[0-9A-Za-z]{64}\b')
_clean: set[bytes] = set()


@cache
def axe_on_demand() -> str:
    """Defines `startAxe()` in every page: half a megabyte is sent once a window instead of once a page."""
    return f"window.startAxe = () => {{ {AXE.read_text(encoding='utf-8')} }};"


def violations(page: Page) -> list[str]:
    """What axe finds under WCAG 2.1 A and AA, in a form that says where.

    Its script comes with every page of the window (`axe_on_demand`) and runs where it is first asked for. A page that
    stands exactly as one that was found clean at this size in this run is not judged again.
    """
    standing = _FLEETING.sub("", page.evaluate(STANDING))
    digest = hashlib.sha256(f"{page.viewport_size} {standing}".encode()).digest()
    if digest in _clean:
        return []
    page.evaluate("typeof axe === 'object' || startAxe()")
    # Only what is wrong leaves the browser: the whole report is a megabyte.
    found: list[dict[str, Any]] = page.evaluate(
        f"axe.run({json.dumps(RULES)}).then((report) => report.violations)"
    )
    if not found:
        _clean.add(digest)
    return [f"{one['id']}: {node['target']} {node['html'][:140]}" for one in found for node in one["nodes"]]


@pytest.fixture
def visit(browser: Browser, live_server: "LiveServer", standing: "World") -> Iterator[Callable[..., Visit]]:
    """`visit("phone")`, `visit("desk", "chair_alpha")`: a window, signed in if an account is named."""
    contexts = []
    visits: list[Visit] = []

    def open_window(size: Size = "desk", account: str = "", scripts: bool = True) -> Visit:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=scripts,
        )
        contexts.append(context)
        context.add_init_script(axe_on_demand())
        if account:
            context.add_cookies([_session(standing, account, live_server.url)])
        window = Visit(context.new_page(), live_server.url, size, scripts)
        window.page.set_default_timeout(PATIENCE)
        visits.append(window)
        return window

    yield open_window
    for context in contexts:
        context.close()
    assert [line for window in visits for line in window.wrong] == []


def _session(world: "World", account: str, address: str) -> Any:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(world.accounts[account], backend="unionhall.access.backends.DeskBackend")
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": address,
    }


@pytest.fixture
def standing(transactional_db: None) -> "World":
    """The world, committed, so that the server's thread and the job worker see it."""
    from tests.world import ensure

    return ensure()


@pytest.fixture
def work() -> Callable[[], None]:
    """`work()` runs the jobs that wait, as the worker would, and comes back when the queue is empty."""

    def run() -> None:
        failures: list[BaseException] = []

        def in_a_thread_of_its_own() -> None:
            try:
                asyncio.run(_drain())
            except BaseException as failure:
                failures.append(failure)

        thread = threading.Thread(target=in_a_thread_of_its_own)
        thread.start()
        thread.join(timeout=60)
        assert not thread.is_alive(), "the jobs did not end"
        if failures:
            raise failures[0]

    return run


async def _drain() -> None:
    from procrastinate.contrib.django import app
    from procrastinate.contrib.django.django_connector import DjangoConnector

    with app.replace_connector(cast(DjangoConnector, app.connector).get_worker_connector()) as worker:
        async with worker.open_async():
            await worker.run_worker_async(wait=False, install_signal_handlers=False, listen_notify=False)
