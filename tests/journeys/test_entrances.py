"""Both doors, at both widths: what someone sees who has not signed in."""

from collections.abc import Callable

import pytest

from .conftest import Visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", ["desk", "phone", "narrow"])
def test_every_door_is_open_and_legible(visit: Callable[..., Visit], size: str) -> None:
    window = visit(size)
    for path in ("/", "/sign-in/", "/m/sign-in/", "/verify/", "/orgs/", "/progress/"):
        page = window.go(path)
        assert page.title()
        assert page.locator("h1").count() == 1
        window.picture(f"door{path.replace('/', '-')}")


def test_the_desk_sends_a_stranger_to_its_door_and_back(visit: Callable[..., Visit]) -> None:
    page = visit("desk").go("/desk/members/")
    assert "/sign-in/" in page.url
    assert "next=" in page.url


def test_what_nobody_could_read_is_seen(visit: Callable[..., Visit]) -> None:
    """The check that every journey makes is able to fail."""
    window = visit("phone")
    window.go("/sign-in/").evaluate(
        "document.querySelector('h1').append(new Image(), 'pale'); "
        "document.querySelector('h1').style.cssText = 'color: #ddd; background: #fff'"
    )
    with pytest.raises(AssertionError, match=r"(?s)color-contrast.*<img"):
        window.check()
