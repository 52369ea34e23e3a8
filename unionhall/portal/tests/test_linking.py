"""What happens in one room makes a union visit in another; links between rooms stand where they should."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.architecture import samples_network
from tests.architecture import samples_outreach as scene
from tests.world import World
from unionhall.benefits.models import SettlementFile, SettlementLine
from unionhall.benefits.tests import relief
from unionhall.cases.actions import appeals
from unionhall.network.actions import items as grid
from unionhall.outreach import triggers
from unionhall.outreach.models import VisitDuty

pytestmark = pytest.mark.django_db
WHY = "test"


def duties() -> list[VisitDuty]:
    rows = VisitDuty.objects.everywhere(reason=WHY).select_related("organisation", "person", "employer")
    return list(rows.order_by("pk"))


def test_an_application_for_relief_makes_the_union_visit(world: World) -> None:
    file = relief.applied(world)
    assert triggers.look() == 1
    assert triggers.look() == 0
    (duty,) = duties()
    assert (duty.trouble, duty.person, duty.organisation) == (
        "hardship", world.people["alpha_1"], world.unions["alpha"]
    )  # fmt: skip
    assert duty.due_at == file.created_at + timedelta(hours=48)
    assert "患病" not in duty.because


def appeal(world: World, *, anonymous: bool = False, **more: Any) -> None:
    facts: dict[str, Any] = {
        "statement": "在车间被机器压伤了手。", "cause": "injury", "organisation": world.unions["pier"],
    } | more  # fmt: skip
    appeals.file_own(
        world.actor("worker_alpha"), appeals.Matter(**facts), account=world.accounts["worker_alpha"],
        person=world.people["alpha_1"], anonymous=anonymous,
    )  # fmt: skip


def test_an_injury_makes_the_worker_s_own_union_visit(world: World) -> None:
    appeal(world)
    appeal(world, cause="wage")
    assert triggers.look() == 1
    (duty,) = duties()
    assert (duty.trouble, duty.organisation) == ("injury", world.unions["alpha"])


def test_who_gave_no_name_is_not_sought(world: World) -> None:
    appeal(world, anonymous=True)
    assert triggers.look() == 0
    appeal(world, anonymous=True, employer=world.employers["alpha"])
    assert triggers.look() == 1
    (duty,) = duties()
    assert duty.person is None
    assert duty.employer == world.employers["alpha"], "the firm is visited, nobody in it is named"


def test_a_grid_worker_s_find_makes_the_union_visit_the_firm(world: World) -> None:
    cell = samples_network.cell(world, "pier")
    for kind in ("hardship", "safety", "service"):
        grid.report(
            world.actor("worker_alpha"),
            cell=cell,
            kind=kind,
            found="看到了",
            employer=world.employers["alpha"],
        )
    assert triggers.look() == 2
    assert {one.trouble for one in duties()} == {"hardship", "trouble"}


def test_a_great_settlement_is_visited_without_naming_sum_or_illness(world: World) -> None:
    now = timezone.now()
    file = SettlementFile.objects.create(
        organisation=world.unions["river_city"], number="1", insurer="医保", year=now.year, kind="csv",
        digest="d" * 64, stated_rows=2, stated_total=Decimal(1), uploaded_by="测试", finished_at=now,
    )  # fmt: skip
    for number, (who, amount) in enumerate((("alpha_1", "10000"), ("alpha_2", "9999.99"))):
        SettlementLine.objects.create(
            file=file, number=str(number), person=world.people[who], path=world.unions["alpha"].path,
            outcome="granted", amount=Decimal(amount), decided_at=now,
        )  # fmt: skip
    assert triggers.look() == 0, "much is read: by the hour"
    assert triggers.look(hourly=True) == 1
    (duty,) = duties()
    assert duty.person == world.people["alpha_1"]
    assert not any(word in duty.because for word in ("病", "医", "10000"))


def test_links_stand_where_they_should(world: World, signed_in: Callable[[str], Client]) -> None:
    item = scene.item(world)
    client = signed_in("chair_alpha")
    page = client.get(reverse("desk_visit_item", args=[item.pk])).content.decode()
    assert reverse("desk_appeal_new") in page
    assert reverse("desk_grid_report") in page
    relief.applied(world)
    firms = client.get(reverse("desk_difficult_firms")).content.decode()
    assert "在册困难职工" in firms
    assert f"{reverse('desk_relief')}?due=mine" in client.get(reverse("desk_contacts")).content.decode()
    member = client.get(reverse("desk_member", args=[world.people["alpha_1"].pk])).content.decode()
    address = f"{reverse('desk_visit_new')}?person={world.people['alpha_1'].pk}"
    assert address in member
    assert str(world.people["alpha_1"].member_number) in client.get(address).content.decode()
