"""Journey 6: a worker asks for help on the phone; visit, check, notice, filing, aid and helper at the desk."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.world import World
from unionhall.benefits.models import Aid, CivilCheck, HardshipFile
from unionhall.benefits.tests import relief as scene

from .conftest import Visit

pytestmark = pytest.mark.browser
WHY = "test"


def test_from_the_phone_to_the_aid(standing: World, visit: Callable[..., Visit], tmp_path: Path) -> None:
    worker = visit("phone", "worker_alpha")
    page = worker.go("/m/apply/hardship_relief/")
    worker.picture("relief-start")
    worker.press("开始申请")
    page.get_by_role("checkbox").check()
    worker.press("下一步")
    page.get_by_label("姓名").fill("张小雨")
    page.get_by_label("与您的关系").select_option("3")
    page.get_by_label("身份证号").fill(scene.child_number(standing))
    worker.press("添加", "relief-family")
    worker.press("写完了，下一步")
    for code, income, expense in (("self", "18000", "6000"), ("d0", "0", "0")):
        page.locator(f"[name=income_{code}]").fill(income)
        page.locator(f"[name=expense_{code}]").fill(expense)
    worker.picture("relief-money")
    worker.press("下一步")
    page.get_by_role("radio", name="本人或家庭成员患病").check()
    page.get_by_role("radio", name="租房", exact=True).check()
    worker.picture("relief-situation")
    worker.press("下一步", "relief-papers")
    worker.press("下一步", "relief-check")
    worker.press("提交申请", "relief-done")
    file = HardshipFile.objects.everywhere(reason=WHY).get()
    scene.pass_step(standing, file)

    desk = visit("desk", "river_officer")
    page = desk.go("/desk/relief/")
    desk.picture("relief-files")
    page.get_by_role("link", name="张海林").click()
    desk.check("relief-file")
    desk.press("登记走访")
    page.get_by_label("走访人").fill("王主席、李干事")
    page.get_by_label("了解到的情况").fill("租房居住，女儿在读，情况属实。")
    scan = tmp_path / "授权书.pdf"
    scan.write_bytes(b"%PDF-1.4\nsigned\n%%EOF")
    page.locator("input[type=file]").set_input_files(scan)
    desk.picture("relief-visit")
    desk.press("登记")
    desk.go("/desk/relief/checks/new/")
    page.get_by_role("checkbox").check()
    desk.picture("relief-check-new")
    desk.press("生成核对名单")
    check = CivilCheck.objects.everywhere(reason=WHY).get()
    answers = tmp_path / "结果.csv"
    answers.write_bytes(scene.answers(check).getvalue() + b"\nHXXX,nobody,x,,,")
    page.locator("input[type=file]").set_input_files(answers)
    desk.press("导入", "relief-check")
    assert page.get_by_text("第 4 行").count()
    scene.pass_step(standing, file)
    desk.go("/desk/relief/publicise/")
    page.get_by_role("checkbox").check()
    desk.picture("relief-publicise")
    desk.press("发布公示")
    scene.let_pass()
    scene.pass_step(standing, file)
    scene.budget(standing, "temporary_aid")

    desk.go(f"/desk/relief/{file.pk}/helper/")
    page.get_by_label("帮扶责任人").select_option(index=1)
    desk.press("指定")
    desk.press("发放帮扶金", "relief-aid")
    page.get_by_role("radio", name="临时救助").check()
    page.get_by_label("帮扶金额（元）").fill("3001")
    desk.press("发放", "relief-aid-refused")
    assert page.get_by_text("不能超过上限 3,000.00 元").count()
    page.get_by_label("帮扶金额（元）").fill("2000")
    desk.press("发放")
    assert Aid.objects.everywhere(reason=WHY).get().payment is not None
    page.get_by_role("button", name="查看").or_(page.get_by_role("link", name="查看")).first.wait_for()
    desk.picture("relief-file-aided")
    desk.go("/desk/relief/")
    desk.picture("relief-files-aided")
    worker.go("/m/benefits/relief/")
    worker.check("relief-my-file")
    worker.go("/m/benefits/")
    worker.picture("relief-benefits")
