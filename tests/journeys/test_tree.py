"""Journey 4: an officer runs the tree, drills figures as of a day, finds people, and the journal knows who looked."""

import io
import re
from collections.abc import Callable
from datetime import date, timedelta

import openpyxl
import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.world import World, resident_id
from unionhall.kit.identifiers import IdType, check_document
from unionhall.members.models import Membership
from unionhall.organisations.models import Employer, Organisation

from .conftest import Visit

pytestmark = pytest.mark.browser
WHY = "test"
NAME = "江城云帆科技有限公司工会委员会"
ELECTED = resident_id(date(1991, 4, 5), "2", 33)
DECISION = re.compile(r"[A-Z]{2}\d{13}")


def confirm(window: Visit, shot: str = "") -> None:
    """Check what was entered, then do it."""
    window.press("下一步：核对", f"{shot}-check" if shot else "")
    window.press("确认办理", shot)


def approve_as(visit: Callable[..., Visit], account: str, number: str) -> None:
    window = visit("desk", account)
    page = window.go(f"/desk/reviews/{number}/")
    page.get_by_label("通过", exact=True).check()
    window.press("提交办理意见")


def founded(visit: Callable[..., Visit], window: Visit) -> str:
    """From the application to a union in the tree; the answer is its code."""
    Employer.objects.create(name="江城云帆科技有限公司", division="420103001", employees=30, women=10)
    page = window.go("/desk/foundings/new/")
    page.get_by_label("上级工会", exact=False).first.fill("码头街道总工会")
    page.get_by_label("拟用名称").fill(NAME)
    page.get_by_label("用人单位").fill("云帆")
    page.get_by_label("拟发展会员人数").fill("20")
    page.get_by_label("筹备组联系人").fill("林小云")
    confirm(window, "founding")
    first = DECISION.search(page.locator("main").inner_text())
    assert first is not None
    approve_as(visit, "east_officer", first[0])
    page.reload()
    window.press("报送选举结果", "founding-result")
    page.get_by_label("成立大会日期").fill(f"{timezone.localdate():%Y-%m-%d}")
    for name, value in (("entitled", "20"), ("members", "20"), ("women", "8")):
        page.locator(f"[name={name}]").fill(value)
    page = window.press("下一步：核对", "founding-result-wrong")
    assert page.get_by_role("alert").count() == 1  # mistakes are said once, at the top
    page.locator("[name=attended]").fill("19")
    page.locator("[name=elected-0-title]").select_option(label="组织员")
    page.locator("[name=elected-0-name]").fill("林小云")
    page.locator("[name=elected-0-id_number]").fill(ELECTED)
    page.locator("[name=elected-0-votes]").fill("18")
    window.press("下一步：核对", "founding-result-check")
    page = window.press("确认报送", "founding-filed")
    second = [one for one in DECISION.findall(page.locator("main").inner_text()) if one != first[0]]
    approve_as(visit, "east_officer", second[0])
    page.reload()
    page = window.press("查看工会", "founded")
    assert NAME in page.locator("h1").inner_text()
    return page.url.rstrip("/").rsplit("/", 1)[-1]


def test_an_officer_runs_the_tree(visit: Callable[..., Visit], standing: World) -> None:
    window = visit("desk", "pier_officer")
    code = founded(visit, window)
    gone = Organisation.objects.everywhere(reason=WHY).get(code=code)

    city = visit("desk", "river_officer")
    page = city.go(f"/desk/orgs/{code}/rename/")
    page.get_by_label("新名称").fill("江城云帆数字科技有限公司工会委员会")
    confirm(city, "rename")
    assert "江城云帆数字科技" in page.locator("h1").inner_text()

    beta = standing.unions["beta"]
    page = city.go(f"/desk/orgs/{beta.code}/move/")
    page.get_by_label("新的上级工会").fill("山前街道总工会")
    confirm(city, "move")
    yesterday = timezone.localdate() - timedelta(days=1)
    page = city.go(f"/desk/orgs/{beta.code}/?on={yesterday}")
    city.picture("org-as-of")
    assert "pier" in page.locator(".crumbs").inner_text()
    page = city.go(f"/desk/orgs/{beta.code}/")
    assert "hill" in page.locator(".crumbs").inner_text()

    moved = Membership.objects.everywhere(reason=WHY).current().filter(organisation=gone).count()
    page = city.go(f"/desk/orgs/{code}/merge/")
    page.get_by_label("并入的工会").fill(standing.unions["alpha"].code)
    page.get_by_label("批复文号").fill("江工发〔2026〕12号")
    confirm(city, "merge")
    gone.refresh_from_db()
    assert gone.status == "merged"
    assert Membership.objects.everywhere(reason=WHY).current().filter(organisation=gone).count() == 0
    assert moved >= 1

    night = standing.unions["alpha_night"]
    page = city.go(f"/desk/orgs/{night.code}/dissolve/")
    page.get_by_label("撤销原因").fill("夜班停产")
    page.get_by_label("批复文号").fill("江工发〔2026〕13号")
    confirm(city, "dissolve")
    page = city.go(f"/desk/orgs/?on={yesterday}&q=夜班")
    city.picture("orgs-as-of")
    assert "夜班分会" in page.locator("table").inner_text()
    page = city.go("/desk/orgs/?q=夜班")
    assert page.locator("main table").count() == 0


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_anyone_finds_a_union_and_an_officer_sees_the_list(
    visit: Callable[..., Visit], standing: World, size: str
) -> None:
    window = visit(size)
    page = window.go("/orgs/?q=快递")
    window.picture("find-union")
    assert "江城安达快递有限公司工会委员会" in page.locator("main").inner_text()
    officer = visit(size, "pier_officer")
    page = officer.go("/desk/orgs/")
    officer.picture("orgs")
    page.get_by_role("link", name=standing.unions["beta"].name, exact=True).click()
    officer.check("org")
    officer.go("/desk/")
    officer.picture("desk-home")


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_figures_from_the_city_to_an_enterprise(
    visit: Callable[..., Visit], standing: World, size: str
) -> None:
    window = visit(size, "leader")
    page = window.go("/desk/figures/")
    window.picture("figures")
    main = page.locator("main")
    for name in ("江东区", "码头街道", "江城安达快递有限公司"):
        main.locator("table").get_by_role("link", name=re.compile(name)).first.click()
        window.check()
    window.picture("figures-enterprise")
    assert "江城安达快递有限公司工会委员会" in main.inner_text()
    for person in standing.people.values():
        assert person.name not in page.content()  # a leader sees figures, not people
    page = window.go(f"{page.url.removeprefix(window.address)}&on=2020-06-30")
    window.picture("figures-as-of")
    assert "2020-06-30" in page.content()


def test_finding_people_and_who_looked(
    visit: Callable[..., Visit], work: Callable[[], None], standing: World
) -> None:
    window = visit("desk", "province_officer")
    page = window.go("/desk/members/")
    window.picture("members")
    for text, names in (("单", {"单小燕"}), ("zhy", {"张海燕"}), ("张海", {"张海林", "张海燕"})):
        page = window.go(f"/desk/members/?q={text}")
        found = shown(window)
        assert len(found) == len(names)
        assert {one[0] for one in found} == {one[0] for one in names}
    # By ID number: typed into a form, never in an address.
    person = standing.people["delta_1"]
    number = person.id_number.reveal()
    page.get_by_role("textbox", name="按号码查找").fill(number)
    page.get_by_role("button", name="查找", exact=True).click()
    window.check("member-by-number")
    assert number not in page.url
    assert [one[0] for one in shown(window)] == ["买"] or "买" in page.locator("h1").inner_text()
    page = window.go(f"/desk/members/{person.pk}/")
    assert number not in page.content()
    page.get_by_role("link", name=re.compile(r"查看\s*证件号码")).first.click()
    dialog = page.locator("#dialog")
    dialog.get_by_label("查看原因").select_option(label="其他（请在下面写明）")
    dialog.get_by_label("补充说明").fill("核对劳模申报材料")
    dialog.get_by_role("button", name="查看").click()
    expect(page.locator("#reveal-id-number")).to_contain_text(number)
    window.check("member-revealed")

    auditor = visit("desk", "auditor")
    page = auditor.go("/desk/journal/")
    auditor.picture("journal")
    text = page.locator("main").inner_text()
    assert "核对劳模申报材料" in text
    assert number not in page.content()

    page = window.go("/desk/members/?q=张海")
    page.get_by_role("link", name=re.compile("导出 Excel")).click()
    window.check("export-new")
    page.get_by_label("用途").fill("年度统计")
    window.press("开始导出")
    work()
    page.reload()
    window.check("export-done")
    with page.expect_download() as waiting:
        page.get_by_role("button", name=re.compile("下载")).click()
    sheet = openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes())).worksheets[0]
    assert sheet.max_row == 3
    cells = {str(cell.value) for row in sheet.iter_rows() for cell in row}
    assert not any(is_identity(cell) for cell in cells)  # masked unless full numbers are asked for

    page = auditor.go("/desk/settings/explain/")
    auditor.picture("explain")
    page = window.go("/desk/settings/accounts/")
    window.picture("accounts")


def is_identity(text: str) -> bool:
    try:
        check_document(IdType.RESIDENT, text, timezone.localdate())
    except ValueError:
        return False
    return True


def shown(window: Visit) -> list[str]:
    return [one.inner_text().strip() for one in window.page.locator("main tbody th").all()]
