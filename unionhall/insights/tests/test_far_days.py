"""A day in an address that nobody can mean is no page, on every page that is asked as of a day."""

from typing import Any

import pytest

from tests.world import World

pytestmark = pytest.mark.django_db
FIGURES = ("", "breakdowns/", "print/", "employers/", "export/")


@pytest.mark.parametrize(
    "path", [*(f"figures/{one}" for one in FIGURES), "orgs/{code}/", "orgs/{code}/posts/"]
)
def test_a_day_of_no_time_of_ours_is_not_found(world: World, signed_in: Any, path: str) -> None:
    browser, url = signed_in("province_officer"), "/desk/" + path.format(code=world.unions["alpha"].code)
    for day in ("0001-01-01", "0001-12-31", "0002-03-01", "1899-12-31", "9999-12-31", "2026-13-01"):
        assert browser.get(url, {"on": day}).status_code == 404, day
    assert browser.get(url, {"on": "1900-01-01"}).status_code == 200
