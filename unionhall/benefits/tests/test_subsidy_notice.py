"""The public notice shows the sum that is paid: of the version in force when, and where, each application was made."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.benefits.models import CareerApplication
from unionhall.bulletins.models import NoticeRow, PublicNotice
from unionhall.rulebook.book import reload

from .conftest import SCHEMES
from .test_subsidy import bring, budget, fresh, let_pass, publicise

pytestmark = pytest.mark.django_db
WHY = "test"
TODAY = timezone.localdate()


@pytest.fixture
def schemes(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """The shipped schemes, to be added to."""
    folder = tmp_path / "schemes"
    copytree(SCHEMES, folder)
    settings.SCHEMES_DIR = str(folder)
    reload()
    yield folder
    reload()


def add(schemes: Path, *, starts: int, area: str = "42", **changes: str) -> None:
    """The shipped version again, from so many days ago, for an area, with some of its words changed."""
    file = schemes / "hubei" / "career_subsidy.toml"
    text = file.read_text(encoding="utf-8")
    block = "[[version]]" + text.split("[[version]]")[1]
    block = block.replace("from = 2024-01-01", f"from = {TODAY - timedelta(days=starts)}")
    block = block.replace('jurisdiction = "42"', f'jurisdiction = "{area}"')
    for name, value in changes.items():
        before = {"technician": "amount = 1000", "notice": "notice_working_days = 5"}[name]
        block = block.replace(before, f"{before.rpartition(' ')[0]} {value}")
    file.write_text(f"{text}\n{block}", encoding="utf-8")
    reload()


def verified(world: World, who: str, number: str, *, days_ago: int) -> CareerApplication:
    one = bring(world, who, number)
    rows = CareerApplication.objects.everywhere(reason=WHY).filter(pk=one.pk)
    rows.update(stage=CareerApplication.Stage.VERIFIED, applied_at=timezone.now() - timedelta(days=days_ago))
    return fresh(one)


def sums(*ones: CareerApplication) -> list[str]:
    """What the notice says of each."""
    rows = NoticeRow.objects.everywhere(reason=WHY)
    return [rows.get(key=one.key).values[2] for one in ones]


def paid(one: CareerApplication) -> Decimal | None:
    payment = fresh(one).payment
    return None if payment is None else Decimal(payment.amount)


def test_a_sum_that_changed_after_the_application_is_in_neither(world: World, schemes: Path) -> None:
    budget(world, 100_000)
    before = verified(world, "alpha_1", "S1", days_ago=20)
    after = verified(world, "alpha_2", "S2", days_ago=1)
    add(schemes, starts=10, technician="1500")
    publicise(world, before, after)
    assert sums(before, after) == ["1,000.00 元", "1,500.00 元"]
    let_pass()
    assert (paid(before), paid(after)) == (Decimal(1000), Decimal(1500))


def test_each_row_is_of_its_own_place_and_the_longest_notice_counts(world: World, schemes: Path) -> None:
    budget(world, 100_000)
    first = verified(world, "alpha_1", "S1", days_ago=1)
    elsewhere = verified(world, "alpha_2", "S2", days_ago=1)
    transport = world.unions["transport"]
    transport.division = "420502"
    transport.save(update_fields=["division"])
    CareerApplication.objects.everywhere(reason=WHY).filter(pk=elsewhere.pk).update(organisation=transport)
    add(schemes, starts=10, area="4205", technician="1200", notice="7")
    publicise(world, first, fresh(elsewhere))
    assert sums(first, elsewhere) == ["1,000.00 元", "1,200.00 元"]
    assert PublicNotice.objects.everywhere(reason=WHY).get().working_days == 7
    let_pass()
    assert (paid(first), paid(elsewhere)) == (Decimal(1000), Decimal(1200))
