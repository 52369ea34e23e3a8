"""Figures of money and the to-do list: counted once, in scope, for who can act."""

from datetime import date
from typing import Any

import pytest
from django.test import RequestFactory
from django.utils import timezone

from tests.world import World
from unionhall.foundation.actors import system_actor
from unionhall.foundation.todo import told
from unionhall.indicators import registry
from unionhall.insights import drilling
from unionhall.ledger import actions, todo
from unionhall.ledger.models import Budget, Payment
from unionhall.ledger.tests.banking import answer, batch_of, payments, sent, take

from .money import WHY, commit, pay
from .test_books import settled

pytestmark = pytest.mark.django_db
CODES = ["ledger.payments", "ledger.paid", "ledger.waiting"]


def figures(world: World, name: str, union: str) -> list[int]:
    where = drilling.place(world.unions[union], world.actor(name).access, None)
    found = registry.values(CODES, where)
    return [found[code] for code in CODES]


def test_a_simulation_knows_the_budget_of_its_year(world: World) -> None:
    from types import SimpleNamespace

    from unionhall.rulebook.money import budget_of

    year = timezone.localdate().year
    version: Any = SimpleNamespace(
        parameters=SimpleNamespace(budget_programme="career_subsidy"), programme="x", starts=date(year, 7, 1)
    )
    east, city = world.unions["east"], world.unions["river_city"]
    assert budget_of(version, east.path) is None
    actions.open_budget(system_actor(), organisation=city, programme="career_subsidy", year=year, amount=900)
    assert budget_of(version, east.path) == 900
    actions.open_budget(system_actor(), organisation=east, programme="career_subsidy", year=year, amount=70)
    assert budget_of(version, east.path) == 70
    version.starts = date(year + 1, 1, 1)
    assert budget_of(version, east.path) is None


def test_figures_of_who_pays(budget: Budget, world: World) -> None:
    for number, amount in enumerate(("100.40", "50.20", "30")):
        settled(pay(world, budget, f"p{number}", amount))
    done = Payment.objects.everywhere(reason=WHY)
    done.filter(key="p0").update(settled_at=timezone.now())
    done.filter(key="p1").update(settled_at=timezone.now())
    commit(budget, "most", 9000)
    commit(budget, "waits", 5000, 1)
    assert figures(world, "river_officer", "river_city") == [2, 151, 1]
    assert figures(world, "province_officer", "gorge_city") == [0, 0, 0]


def waiting_for(world: World, name: str) -> list[str]:
    """What the to-do list shows him."""
    request: Any = RequestFactory().get("/desk/")
    request.actor = world.actor(name)
    request.access = request.actor.access
    return [one.label for one in told(request, todo.to_check, todo.came_back) if one.count]


def test_what_waits_for_whom(budget: Budget, world: World) -> None:
    batch = batch_of(world, budget, "alpha_1")
    actions.submit_batch(world.actor("river_officer"), batch=batch)
    assert waiting_for(world, "leader") == ["付款批次待复核"]
    assert waiting_for(world, "river_officer") == [], "his own"
    actions.check_batch(world.actor("leader"), batch=batch, approve=False, opinion="重做")
    batch = sent(world, batch)
    one = payments(batch)[0]
    take(world, batch, answer(batch, [(one.number, one.amount, "失败", "")]))
    assert waiting_for(world, "river_officer") == ["银行退回的付款"]
    assert waiting_for(world, "leader") == []
