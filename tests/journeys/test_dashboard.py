"""Journey: from the city's figures down to a member, on the phone, without scripts, on paper, and on the wall."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from playwright.sync_api import expect

from tests.world import World

from .conftest import Visit

pytestmark = pytest.mark.browser

#: Elements of the wall that overlap a neighbour or stick out of the window: there must be none.
OVERLAPS = """() => {
  const wrong = [], box = (one) => one.getBoundingClientRect();
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  const leaves = (a, b) => a.width && (a.right > b.right + 1 || a.bottom > b.bottom + 1);
  const screen = { right: innerWidth, bottom: innerHeight };
  const parts = [document.querySelector(".screen-head"), ...document.querySelectorAll(".figures, .panel")];
  for (const [i, one] of parts.entries()) {
    if (leaves(box(one), screen)) wrong.push(`${one.className} leaves the window`);
    for (const other of parts.slice(i + 1))
      if (meet(box(one), box(other))) wrong.push(`${one.className} over ${other.className}`);
    for (const inner of one.querySelectorAll("b, figcaption, li, tr, canvas"))
      if (!inner.closest("details, .sr") && leaves(box(inner), box(one)))
        wrong.push(`${inner.outerHTML.slice(0, 60)} out of ${one.className}`);
  }
  return wrong;
}"""


@pytest.fixture(autouse=True)
def _nothing_kept() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def test_from_the_figures_to_the_records(visit: Callable[..., Visit], standing: World) -> None:
    """An officer drills by click and by key, and the list has as many rows as the number said."""
    window = visit("desk", "river_officer")
    page = window.go("/desk/figures/")
    expect(page.locator("[data-chart=course] canvas")).to_be_visible()
    window.check("figures")
    page.get_by_role("link", name=re.compile("east 5")).focus()
    page.keyboard.press("Enter")
    window.check()
    expect(page.get_by_role("heading", level=1)).to_have_text("江东区总工会")
    page.get_by_role("link", name="5，码头街道总工会会员名单").click()
    window.check("figures-list")
    expect(page.locator("#list .list-head b").first).to_have_text("5")
    page.go_back()
    page.get_by_label("截至日期").fill("2024-06-30")
    page.get_by_role("button", name="查看").click()
    page.get_by_text("35—44 岁").first.wait_for()  # the breakdowns come after the page
    window.check("figures-past")


def test_a_leader_on_the_phone_and_without_scripts(visit: Callable[..., Visit], standing: World) -> None:
    phone = visit("phone", "leader")
    page = phone.go("/desk/figures/")
    assert page.get_by_text("少于 5 人").first.is_visible()
    phone.check("figures-leader")
    bare = visit("desk", "leader", scripts=False)
    page = bare.go("/desk/figures/?on=2024-06-30")
    expect(page.locator("svg.drawn").first).to_be_visible()
    page.get_by_role("link", name="单独打开会员构成").click()
    bare.check("figures-breakdowns")
    bare.go("/desk/figures/print/")
    bare.check("figures-print")


@pytest.mark.parametrize("size", ["screen", "desk"])
def test_nothing_overlaps_on_the_wall(visit: Callable[..., Visit], standing: World, size: str) -> None:
    window = visit(size, "province_officer")
    if size == "desk":  # an older screen
        window.page.set_viewport_size({"width": 1366, "height": 768})
    page = window.go("/screen/")
    expect(page.locator("[data-chart=wall-course] canvas")).to_be_visible()
    assert page.evaluate(OVERLAPS) == []
    window.check("wall")
    page.evaluate("htmx.trigger('.wall', 'renew')")
    expect(page.locator("[data-chart=wall-course] canvas")).to_be_visible()
    window.check()
    assert page.evaluate(OVERLAPS) == []
