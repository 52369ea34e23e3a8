"""The gallery in a real browser: axe, no sideways scroll, target and text sizes, no error, nothing from elsewhere."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

import unionhall
from unionhall.foundation.headers import CONTENT_POLICY
from unionhall.foundation.tests.test_components import page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Playwright, Route

pytestmark = pytest.mark.browser
SHELLS = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium")
AXE = Path(settings.NODE_MODULES) / "axe-core" / "axe.min.js"
HOST = "http://gallery.test"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]

SIDEWAYS = "document.documentElement.scrollWidth - innerWidth"
SMALL_TARGETS = """(least) => [
  ...document.querySelectorAll("a, button, input, select, textarea, summary, .control label")]
  .filter((one) => {
    const box = one.getBoundingClientRect();
    const inText = one.closest("p:not(.result-actions), td, th, dd, li > a, .alert");
    return box.width && box.height && box.height < least - 0.5 && !one.matches(".skip, .sr") && !inText
      && !["radio", "checkbox", "file", "hidden"].includes(one.type);
  }).map((one) => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 12)}`)"""
SMALL_TEXT = """(least) => [...document.querySelectorAll("body *")]
  .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())
    && !one.closest(".sr, script, template") && one.getBoundingClientRect().width
    && parseFloat(getComputedStyle(one).fontSize) < least)
  .map((one) => `${one.tagName} ${one.className} ${getComputedStyle(one).fontSize}`)"""


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    shell = next((path for path in SHELLS if Path(path).exists()), None)
    if shell is None or not AXE.is_file():
        pytest.skip("needs Chromium and `npm ci`")
    opened = playwright.chromium.launch(
        executable_path=shell, args=["--no-sandbox", "--disable-dev-shm-usage"]
    )
    yield opened
    opened.close()


class Visit:
    """One page in one window, served from memory under the real content policy."""

    def __init__(self, browser: Browser, html: str, width: int) -> None:
        self.complaints: list[str] = []
        self.html = html
        self.page: Page = browser.new_page(viewport={"width": width, "height": 844})
        self.page.on("console", lambda said: self._hear(said.type, said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.route("**/*", self._answer)
        self.page.goto(f"{HOST}/demo/gallery")
        self.page.wait_for_load_state("networkidle")

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    def _answer(self, route: Route) -> None:
        address = route.request.url
        if not address.startswith(HOST):
            self.complaints.append(f"leaves the machine: {address}")
            route.abort()
        elif address.startswith(f"{HOST}{settings.STATIC_URL}"):
            found = finders.find(address.removeprefix(f"{HOST}{settings.STATIC_URL}"))
            kind = mimetypes.guess_type(address)[0] or "text/plain"
            route.fulfill(path=found, content_type=kind) if found else route.fulfill(status=404)
        else:
            route.fulfill(
                body=self.html, content_type="text/html", headers={"Content-Security-Policy": CONTENT_POLICY}
            )

    def axe(self) -> list[str]:
        """Violations, found by a script that the content policy would otherwise refuse."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Runtime.evaluate", {"expression": AXE.read_text(encoding="utf-8")})
        expression = (
            f"axe.run(document, {{runOnly: {RULES}}}).then((found) => found.violations.map("
            "(one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.target).join(', ')}`))"
        )
        answer: dict[str, Any] = session.send(
            "Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True}
        )
        return list(answer["result"]["value"])


@pytest.mark.parametrize("template", ["gallery.html", "gallery_worker.html", "403.html"])
@pytest.mark.parametrize("width", [1440, 390, 360])
def test_pages_are_clean(browser: Browser, template: str, width: int) -> None:
    visit = Visit(browser, page(template), width)
    assert visit.axe() == []
    assert visit.page.evaluate(SIDEWAYS) <= 0
    assert visit.complaints == []
    if width < 900:
        assert visit.page.evaluate(SMALL_TARGETS, 44) == []
    visit.page.close()


def test_no_stylesheet_asks_how_the_device_is_held() -> None:
    """WCAG 1.3.4: where none does, none can forbid one way of holding it. Asked here once, not by axe on every page."""
    styles = list(Path(unionhall.__file__).parent.rglob("static/**/*.css"))
    assert len(styles) > 10
    assert [path.name for path in styles if "orientation" in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("width", [390, 360])
def test_elder_view_is_large(browser: Browser, width: int) -> None:
    visit = Visit(browser, page("gallery_worker.html", elder=True), width)
    assert visit.axe() == []
    assert visit.page.evaluate(SIDEWAYS) <= 0
    assert visit.page.evaluate(SMALL_TARGETS, 60) == []
    assert visit.page.evaluate(SMALL_TEXT, 18) == []
    visit.page.close()


def test_keys_selection_and_confirmation(browser: Browser) -> None:
    visit = Visit(browser, page("gallery.html"), 1440)
    at = visit.page
    at.evaluate("document.activeElement.blur()")
    at.keyboard.press("/")
    assert at.evaluate("document.activeElement.type") == "search"
    at.keyboard.press("Escape")
    at.check("[data-select-page=batch]")
    assert at.inner_text("[data-selected-count]") == "5"
    at.check("[data-select-everything]")
    at.uncheck("input[name=selected] >> nth=0")
    assert at.inner_text("[data-selected-count]") == "4"
    assert not at.is_checked("[data-select-everything]")
    at.click("button[data-confirm='确定通过选中的申请？']")
    assert at.inner_text("#confirm-text") == "确定通过选中的申请？"
    at.click("#confirm button[value=cancel]")
    assert not at.evaluate("document.getElementById('confirm').open")
    at.click("details.menu summary")
    at.keyboard.press("Escape")
    assert not at.evaluate("document.querySelector('details.menu').open")
    assert at.evaluate("document.documentElement.dataset.charts") == "ready"
    at.hover("[data-chart=trend]")
    at.wait_for_timeout(300)
    assert visit.complaints == []
    at.close()


def test_revealed_value_hides_itself(browser: Browser) -> None:
    html = page("gallery.html").replace('data-hide-after="30"', 'data-hide-after="1"')
    visit = Visit(browser, html, 1440)
    visit.page.wait_for_timeout(1800)
    assert "320105199003074512" not in visit.page.inner_text("#reveal-2")
    assert "320***********4512" in visit.page.inner_text("#reveal-2")
    visit.page.close()
