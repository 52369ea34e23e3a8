"""Journey: an insurer's file becomes money: totals agree, worked out, an exception settled, the worker reads why."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.world import World
from unionhall.benefits.tests.settlements import YEAR, Settled, budget, cards, written

from .conftest import Visit

pytestmark = pytest.mark.browser


def test_a_settlement_file_becomes_money(
    standing: World, visit: Callable[..., Visit], work: Callable[[], None], tmp_path: Path
) -> None:
    cards(standing)
    budget(standing)
    path = tmp_path / "settlements.csv"
    rows = [
        Settled("A1", "alpha_1", "1000"), Settled("A2", "alpha_1", "4300", f"{YEAR}-04-01"),
        Settled("N1", "beta_1", "9300", name="李国"), Settled("B2", "beta_2", "-20"),
    ]  # fmt: skip
    count, total = written(standing, path, rows)
    desk = visit("desk", "river_officer")
    desk.go("/desk/medical/")
    desk.picture("medical-files-empty")
    desk.press("上传结算文件", "medical-upload")
    page = desk.page
    page.get_by_label("结算文件").set_input_files(str(path))
    page.get_by_label("来源单位").fill("江城市医保局")
    page.get_by_label("批次号").fill("2026-05")
    page.get_by_label("结算年度").fill(str(YEAR))
    page.get_by_label("应有笔数").fill(str(count))
    page.get_by_label("应有自付金额合计（元）").fill(str(total))
    page.get_by_role("button", name="上传并核对").click()
    page.wait_for_url(re.compile(r"/desk/medical/\d+/$"))
    work()
    expect(page.get_by_text("核对完成")).to_be_visible()
    desk.check("medical-checked")
    desk.press("开始理算")
    desk.press("开始理算")
    work()
    expect(page.get_by_text("已全部列入付款")).to_be_visible()
    desk.check("medical-paid")
    desk.go("/desk/medical/exceptions/")
    desk.picture("medical-exceptions")
    desk.press("N1", "medical-exception")
    desk.press("匹配人员", "medical-match")
    page.get_by_label("理由").fill("名册有别字，证件号码一致")
    desk.press("匹配人员", "medical-matched")
    assert "4,000.00" in page.content()
    phone = visit("phone", "worker_alpha")
    phone.go("/m/benefits/medical/")
    phone.picture("medical-mine")
    phone.page.get_by_role("link", name="看看怎么算出来的").first.click()
    phone.check("medical-mine-worked")
    assert "× 50%" in phone.page.content()
    phone.go("/m/apply/medical_aid/")
    phone.picture("medical-apply")
