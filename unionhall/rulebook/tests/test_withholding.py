"""A draft's numbers and people never tell more than the facts they rest on: who may not read those learns nothing."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World
from unionhall.access.models import Account, Grant
from unionhall.benefits.models import HardshipFile
from unionhall.benefits.tests import relief as scene
from unionhall.foundation.permissions import Line, Role, permission
from unionhall.records.models import JournalEntry
from unionhall.rulebook import withholding
from unionhall.rulebook.actions import drafts
from unionhall.rulebook.facts import all_facts
from unionhall.rulebook.models import SchemeDraft
from unionhall.rulebook.tests.crowd import make

SignedIn = Callable[[str], Client]
TEXT = """title = "生日慰问"
issuer = "江东区试验"

[[version]]
from = {starts}
jurisdiction = "420103"
status = "assumed"
source = {{ title = "试验" }}
[version.parameters]
amount = {{ kind = "fixed", amount = 300 }}
conditions = [{conditions}]
"""


def drafted(world: World, conditions: str) -> SchemeDraft:
    starts = timezone.localdate() + timedelta(days=5)
    return SchemeDraft.objects.create(
        organisation=world.unions["east"],
        programme="gift",
        text=TEXT.format(starts=starts, conditions=conditions),
        author="起草人",
    )


@pytest.fixture
def in_hardship(world: World) -> HardshipFile:
    """A man's file in force, of another category than accident."""
    file = scene.applied(world)
    file.stage, file.category = "approved", "relative"
    file.save()
    return file


ACCIDENT = '{ condition = "hardship_category", is = "accident" }'


def looks(world: World) -> list[dict[str, Any]]:
    rows = JournalEntry.objects.everywhere(reason="test").filter(action="rulebook.affected_opened")
    return list(rows.order_by("pk").values_list("detail", flat=True))


def test_a_list_that_sensitive_facts_decide_is_for_those_who_may_read_them(
    world: World, in_hardship: HardshipFile, gifts: Path, signed_in: SignedIn
) -> None:
    draft = drafted(world, f'{{ condition = "member" }}, {{ none = [{ACCIDENT}] }}')
    url = reverse("desk_scheme_people", args=[draft.pk])
    person = in_hardship.person
    for side in ("gains", "loses"):
        page = signed_in("east_officer").get(f"{url}?side={side}")
        assert page.context["rows"] == []
        text = page.content.decode()
        assert "条件涉及“困难类别”" in text
        assert "查看困难职工档案" in text
        assert person.masked_name not in text
    assert looks(world) == []
    told = signed_in("river_officer").get(url)
    assert person.masked_name in told.content.decode()
    (look,) = looks(world)
    assert look["side"] == "gains"
    assert person.pk in look["persons"]


def test_lists_by_the_register_alone_stay_and_each_look_is_journalled(
    world: World, gifts: Path, signed_in: SignedIn
) -> None:
    draft = drafted(world, '{ condition = "member" }')
    url = reverse("desk_scheme_people", args=[draft.pk])
    page = signed_in("east_officer").get(url)
    assert "性别 男，要求“女”" in page.content.decode()
    assert [look["side"] for look in looks(world)] == ["gains"]
    assert len(looks(world)[0]["persons"]) == len(page.context["rows"])


def test_numbers_tell_of_nobody_who_may_not_be_read(
    world: World, in_hardship: HardshipFile, gifts: Path, signed_in: SignedIn
) -> None:
    draft = drafted(world, ACCIDENT)
    drafts.ask_simulation(world.actor("river_officer"), draft=draft, budget=Decimal(100), uptake=100)
    url = reverse("desk_scheme_simulate", args=[draft.pk])
    exact = signed_in("river_officer").get(url).context["found"]
    assert 0 < exact["was"] < 5
    assert exact["cost_was"]
    shown = signed_in("east_officer").get(url)
    found = shown.context["found"]
    assert (found["was"], found["loses"], found["cost_was"]) == (None, None, None)
    assert all(area["was"] is None for area in found["areas"])
    assert "少于 5 人" in shown.content.decode()


def test_who_may_not_list_members_is_told_rounded_numbers(
    world: World, gifts: Path, signed_in: SignedIn
) -> None:
    make(world, 120)
    account = Account.objects.create(username="east_leader", display_name="领导")
    world.accounts["east_leader"] = account
    given = Grant.objects.everywhere(reason="test").get(account=world.accounts["east_officer"])
    Grant.objects.create(
        account=account, role=Role.LEADER, line=Line.GENERAL, organisation=given.organisation,
        period=given.period, granted_by="test",
    )  # fmt: skip
    draft = drafted(world, '{ condition = "member" }')
    drafts.ask_simulation(world.actor("east_officer"), draft=draft, budget=Decimal(1000), uptake=50)
    url = reverse("desk_scheme_simulate", args=[draft.pk])
    exact = signed_in("east_officer").get(url).context["found"]
    found = signed_in("east_leader").get(url).context["found"]
    assert found["now"] == (exact["now"] + 2) // 5 * 5
    assert found["cost"] != exact["cost"]
    assert abs(found["cost"] / exact["cost"] - 1) < Decimal("0.2")
    assert found["expected"] == found["cost"] / 2
    assert found["spent_on"]


def test_what_depends_on_each_bill_has_no_coarse_sum(gifts: Path, world: World) -> None:
    counts = {"was": 10, "now": 12, "gains": 4, "loses": 2, "cost": None}
    exact = counts | {
        "cost_was": None, "budget": None, "uptake": 100, "on": "2027-01-01", "areas": [counts | {"now": 0}],
    }  # fmt: skip
    found = withholding.coarse(exact, world.unions["east"])
    assert [found[name] for name in ("was", "now", "gains", "loses")] == [10, 10, None, None]
    assert (found["cost"], found["expected"], found["spent_on"]) == (None, None, None)
    assert found["areas"][0]["now"] == 0


def test_every_fact_names_a_permission_that_there_is() -> None:
    for one in all_facts():
        assert permission(one.permission)
        if one.code.startswith("benefits."):
            assert one.permission.startswith("benefits.")
