"""What every journey leans on: a look at a page sees the page that was meant, and what is wrong with it, each time."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Request, Route

from .conftest import Visit

pytestmark = pytest.mark.browser
WELL = "<!doctype html><html lang=zh><title>{0}</title><main><h1>{0}</h1>{1}</main>"
LEADS_ON = WELL.format("一", "<script>setTimeout(() => location.assign('{}'), {})</script>")
UNNAMED = WELL.format("二", "<form action=/><input></form>")


def serve(window: Visit, **pages: str) -> None:
    """These pages instead of the site's, by name."""
    for name, body in pages.items():

        def answer(route: Route, _: Request, body: str = body) -> None:
            route.fulfill(body=body, content_type="text/html; charset=utf-8")

        window.page.route(f"**/{name}", answer)


@pytest.mark.parametrize("after", [0, 60, 150])
def test_a_page_that_turns_while_it_is_looked_at_is_not_the_one_that_counts(
    visit: Callable[..., Visit], after: int
) -> None:
    window = visit("desk")
    serve(window, first=LEADS_ON.format("/second", after), second=WELL.format("二", ""))
    assert window.go("/first").locator("h1").inner_text() == "二"


def test_what_is_wrong_is_said_every_time_and_of_the_page_that_came(visit: Callable[..., Visit]) -> None:
    window = visit("desk")
    serve(window, first=LEADS_ON.format("/second", 0), second=UNNAMED)
    for path in ("/first", "/second", "/second"):
        with pytest.raises(AssertionError, match="label"):
            window.go(path)


def test_going_round_in_circles_ends(visit: Callable[..., Visit]) -> None:
    window = visit("desk")
    serve(window, first=LEADS_ON.format("/first", 40))
    with pytest.raises(AssertionError, match="without an end"):
        window.go("/first")
