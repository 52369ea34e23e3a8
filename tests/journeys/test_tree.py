"""An officer runs the tree: list, one union, a checked rename, figures drilled down; and anyone finds a union."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from tests.world import World

from .conftest import Visit

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_the_tree_and_its_figures(visit: Callable[..., Visit], standing: World, size: str) -> None:
    window = visit(size, "pier_officer")
    page = window.go("/desk/orgs/")
    window.check("tree-list")
    page.get_by_role("link", name=standing.unions["beta"].name).click()
    window.check("tree-detail")
    page.get_by_role("link", name="更名").click()
    page.get_by_label("新名称").fill("江城博远科技有限公司工会委员会")
    page.get_by_label("生效日期").fill(f"{timezone.localdate():%Y-%m-%d}")
    page.get_by_role("button", name="下一步：核对").click()
    window.check("tree-rename-check")
    page.get_by_role("button", name="确认办理").click()
    page.get_by_role("heading", name="江城博远科技有限公司工会委员会").wait_for()
    window.go("/desk/figures/")
    window.check("figures")
    window.go("/desk/foundings/")
    window.check("foundings")
    window.go("/desk/foundings/new/")
    window.check("founding-new")


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_anyone_finds_a_union(visit: Callable[..., Visit], size: str) -> None:
    window = visit(size)
    window.go("/orgs/?q=快递")
    window.check("find-union")
