"""Journey 7: a policy officer copies a scheme, mends it, simulates it; the leader publishes it from a date."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from unionhall import rulebook
from unionhall.rulebook.book import fresh
from unionhall.rulebook.models import PublishedVersion
from unionhall.rulebook.tests import trial

from .conftest import Visit

pytestmark = pytest.mark.browser


@pytest.fixture
def gifts(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    with trial.standing(tmp_path / "schemes", settings) as folder:
        yield folder


def test_a_scheme_is_changed(visit: Callable[..., Visit], gifts: Path) -> None:
    officer = visit("desk", "river_officer")
    page = officer.go("/desk/schemes/")
    officer.picture("schemes")
    page.get_by_role("link", name="生日慰问").last.click()
    officer.check("scheme")
    officer.press("复制为草稿", "scheme-copy")
    officer.press("复制", "scheme-draft")
    text = page.get_by_label("方案文本（TOML）", exact=False)
    written = text.input_value()
    text.fill(written.replace('is = "2"', 'is = "女"'))
    officer.press("保存并检查", "scheme-draft-wrong")
    assert "不是性别的代码" in page.locator("main").inner_text()
    changed = written.replace('{ condition = "sex", is = "2" }', '{ condition = "age", at_least = 35 }')
    text.fill(changed.replace("conditions =", 'amount = { kind = "fixed", amount = 300 }\nconditions ='))
    officer.press("保存并检查")
    officer.press("测算", "scheme-simulate")
    page.get_by_label("年度预算（元）", exact=False).fill("600")
    officer.press("开始测算", "scheme-simulated")
    told = page.locator("#simulation").inner_text()
    assert "江东区总工会" in told
    assert "用完" in told
    officer.press("看新增的人", "scheme-people")
    phone = visit("phone", "river_officer")
    phone.go(page.url.removeprefix(phone.address).replace("people/?side=gains", "simulate/"))
    phone.picture("scheme-simulated")
    phone.go(page.url.removeprefix(phone.address).replace("people/?side=gains", ""))
    phone.picture("scheme-draft")

    old = rulebook.scheme("gift", timezone.localdate(), "4201")
    leader = visit("desk", "leader")
    leader.go(page.url.removeprefix(leader.address).replace("people/?side=gains", "publish/"))
    leader.picture("scheme-publish")
    leader.page.locator("main form button[type=submit]").click()
    leader.check("scheme-published")
    made = PublishedVersion.objects.get()
    assert made.starts > timezone.localdate()
    assert fresh().pick("gift", timezone.localdate(), "4201") is not None
    assert rulebook.scheme("gift", timezone.localdate(), "4201").digest == old.digest
    assert rulebook.scheme("gift", made.starts, "4201").parameters.amount.amount == 300
    leader.go("/desk/schemes/?when=coming")
    leader.picture("schemes-coming")
