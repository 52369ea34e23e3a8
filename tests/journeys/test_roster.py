"""Journey 2: a chair imports the roster. Upload → progress → preview → error workbook → cards → again → undo."""

import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.world import World
from unionhall.members.intake.planting import KINDS, Planted, write_roster
from unionhall.members.models import Card, Membership

from .conftest import Size, Visit

pytestmark = pytest.mark.browser
WHY = "test"
ROWS, WRONG = 40, len(KINDS)


def members(world: World) -> int:
    rows = Membership.objects.everywhere(reason=WHY).current()
    return rows.filter(organisation=world.unions["alpha"]).count()


def active_cards() -> int:
    return Card.objects.everywhere(reason=WHY).filter(status=Card.Status.ACTIVE).count()


def upload(window: Visit, roster: Path) -> None:
    window.go("/desk/imports/")
    window.picture("imports")
    window.page.get_by_role("link", name="上传名册").first.click()
    page = window.check("imports-upload")
    page.get_by_label("名册文件").set_input_files(str(roster))
    page.get_by_role("button", name="上传并核对").click()
    page.wait_for_url(re.compile(r"/desk/imports/\d+/$"))


def red_cells(book: Path, planted: list[Planted]) -> None:
    """The workbook keeps the columns, says what is wrong in words, and marks just the wrong cells."""
    sheet = openpyxl.load_workbook(book).worksheets[0]
    heading = [cell.value for cell in sheet[1]]
    says = heading.index("错误说明")
    assert heading[: heading.index("错误说明")][0] == "姓名" or says == 0
    assert sheet.max_row == len(planted) + 1
    wanted = sorted(one.column for one in planted)
    marked = []
    for row in sheet.iter_rows(min_row=2):
        assert row[says].value
        marked += [
            heading[place]
            for place, cell in enumerate(row)
            if place != says and cell.fill.patternType == "solid" and cell.fill.fgColor.rgb != "FFFFFFFF"
        ]
    # A number with a wrong checksum may contradict sex and birth as well: nothing planted goes unmarked.
    assert not set(wanted) - set(marked)
    assert len(marked) >= len(planted)


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_a_chair_imports_the_roster(
    visit: Callable[..., Visit], work: Callable[[], None], standing: World, tmp_path: Path, size: Size
) -> None:
    roster = tmp_path / "名册.xlsx"
    planted = write_roster(roster, ROWS, errors=WRONG, seed=21)
    known, cards = members(standing), active_cards()
    window = visit(size, "chair_alpha")
    upload(window, roster)
    page = window.page
    page.get_by_role("progressbar").wait_for()
    window.check("imports-progress")
    page.reload()
    page.get_by_role("progressbar").wait_for()
    work()
    expect(page.get_by_role("heading", name="确认后会发生什么")).to_be_visible()
    window.check("imports-preview")
    page.get_by_role("link", name="有误", exact=False).first.click()
    expect(page.get_by_text("末尾数字已丢失").first).to_be_visible()
    window.check("imports-errors")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载错误文件", exact=False).click()
    assert waiting.value.suggested_filename == "名册-错误说明.xlsx"
    book = tmp_path / "errors.xlsx"
    waiting.value.save_as(book)
    red_cells(book, planted)
    page.get_by_role("button", name="确认入库").click()
    window.settle()
    work()
    expect(page.get_by_text("名册已写入会员登记")).to_be_visible()
    window.check("imports-committed")
    assert members(standing) == known + ROWS - WRONG
    assert active_cards() == cards + ROWS - WRONG
    if size == "desk":
        the_same_file_again(window, roster, work)
        assert (members(standing), active_cards()) == (known + ROWS - WRONG, cards + ROWS - WRONG)
        page.go_back()
        window.go("/desk/imports/")
        page.locator("main table").get_by_role("link").last.click()
        window.check()
    page.get_by_role("link", name="撤销整批").click()
    page.get_by_label("撤销原因").fill("传错了文件")
    page.get_by_role("button", name="撤销整批").click()
    window.settle()
    work()
    expect(page.get_by_text("已恢复原值")).to_be_visible()
    window.check("imports-undone")
    assert (members(standing), active_cards()) == (known, cards)


def the_same_file_again(window: Visit, roster: Path, work: Callable[[], None]) -> None:
    """Nothing is new, nothing changes, and there is nothing to confirm."""
    upload(window, roster)
    work()
    expect(window.page.get_by_role("heading", name="没有要写入的行")).to_be_visible()
    window.check("imports-again")
    assert window.page.get_by_role("button", name="确认入库").count() == 0


def test_importing_without_javascript(
    visit: Callable[..., Visit], work: Callable[[], None], standing: World, tmp_path: Path
) -> None:
    roster = tmp_path / "名册.csv"
    write_roster(roster, 6, seed=22)
    known = members(standing)
    window = visit("desk", "chair_alpha", scripts=False)
    upload(window, roster)
    work()
    page = window.go(window.page.url.removeprefix(window.address))
    page.get_by_role("button", name="确认入库").click()
    window.settle()
    work()
    page.reload()
    window.check()
    assert "名册已写入会员登记" in page.locator("main").inner_text()
    assert members(standing) == known + 6


def test_a_file_that_is_no_roster_is_refused_on_the_spot(
    visit: Callable[..., Visit], standing: World, tmp_path: Path
) -> None:
    wrong = tmp_path / "通讯录.csv"
    wrong.write_text("姓名,电话\n甲一,1\n", encoding="gb18030")
    window = visit("desk", "chair_alpha")
    page = window.go("/desk/imports/upload/")
    page.get_by_label("名册文件").set_input_files(str(wrong))
    page.get_by_role("button", name="上传并核对").click()
    expect(page.get_by_text("没有“证件号码”列").first).to_be_visible()
    window.check("imports-refused")
