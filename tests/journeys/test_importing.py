"""A chair imports the roster: upload → progress that survives reload → preview → error workbook → cards → undo."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.world import World
from unionhall.members.intake.planting import write_roster
from unionhall.members.models import Membership

from .conftest import Visit

pytestmark = pytest.mark.browser
WHY = "test"


def members(world: World) -> int:
    return Membership.objects.everywhere(reason=WHY).filter(organisation=world.unions["alpha"]).count()


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_a_chair_imports_the_roster(
    visit: Callable[..., Visit], work: Callable[[], None], standing: World, tmp_path: Path, size: str
) -> None:
    roster = tmp_path / "名册.xlsx"
    write_roster(roster, 60, errors=15, seed=21)
    known = members(standing)
    window = visit(size, "chair_alpha")
    page = window.go("/desk/imports/")
    window.picture("imports-empty")
    page.get_by_role("link", name="上传名册").first.click()
    window.check("imports-upload")
    page.get_by_label("名册文件").set_input_files(str(roster))
    page.get_by_role("button", name="上传并核对").click()
    page.get_by_role("progressbar").wait_for()
    window.check("imports-progress")
    page.reload()
    page.get_by_role("progressbar").wait_for()
    work()
    page.get_by_text("确认后会发生什么").wait_for()
    window.check("imports-preview")
    page.get_by_role("link", name="有误", exact=False).first.click()
    page.get_by_text("末尾数字已丢失").first.wait_for()
    window.check("imports-errors")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载错误文件", exact=False).click()
    assert waiting.value.suggested_filename == "名册-错误说明.xlsx"
    page.get_by_role("button", name="确认入库").click()
    work()
    page.get_by_text("名册已写入会员登记").wait_for()
    window.check("imports-committed")
    assert members(standing) == known + 45
    page.get_by_role("link", name="撤销整批").click()
    page.get_by_label("撤销原因").fill("传错了文件")
    page.get_by_role("button", name="撤销整批").click()
    work()
    page.get_by_text("已恢复原值").wait_for()
    window.check("imports-undone")
    assert members(standing) == known
    window.go("/desk/imports/")
    window.picture("imports-list")


def test_a_file_that_is_no_roster_is_refused_on_the_spot(
    visit: Callable[..., Visit], standing: World, tmp_path: Path
) -> None:
    wrong = tmp_path / "通讯录.csv"
    wrong.write_text("姓名,电话\n甲一,1\n", encoding="gb18030")
    window = visit("desk", "chair_alpha")
    page = window.go("/desk/imports/upload/")
    page.get_by_label("名册文件").set_input_files(str(wrong))
    page.get_by_role("button", name="上传并核对").click()
    page.get_by_text("没有“证件号码”列").first.wait_for()
    window.check("imports-refused")
