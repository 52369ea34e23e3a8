"""Who reviews: the nearest union where the role is held today."""

from datetime import date

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange

from tests.world import World
from unionhall.access.models import Grant
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role
from unionhall.reviews.planning import StepRule, plan, who_reviews


def test_the_union_itself_comes_first_then_the_nearest_above(world: World) -> None:
    unions = world.unions
    assert who_reviews(unions["alpha"], Role.CHAIR) == unions["alpha"]
    assert who_reviews(unions["alpha_night"], Role.CHAIR) == unions["alpha"]
    assert who_reviews(unions["beta"], Role.OFFICER) == unions["pier"]
    assert who_reviews(unions["gamma"], Role.OFFICER) == unions["river_city"]
    assert who_reviews(unions["alpha"], Role.REVIEWER) == unions["east"]


def test_nothing_lands_in_an_empty_inbox(world: World) -> None:
    with pytest.raises(Refused, match="暂不能受理"):
        who_reviews(world.unions["delta"], Role.REVIEWER)


def test_an_ended_grant_and_a_closed_account_do_not_count(world: World) -> None:
    alpha, chair = world.unions["alpha"], world.accounts["chair_alpha"]
    chair.is_active = False
    chair.save()
    with pytest.raises(Refused):
        who_reviews(alpha, Role.CHAIR)
    chair.is_active = True
    chair.save()
    Grant.objects.everywhere(reason="test").filter(account=chair).update(
        period=DateRange(date(2020, 1, 1), date(2021, 1, 1))
    )
    with pytest.raises(Refused):
        who_reviews(alpha, Role.CHAIR)


def test_the_submitter_is_passed_over(world: World) -> None:
    with pytest.raises(Refused):
        who_reviews(world.unions["alpha"], Role.CHAIR, besides=world.accounts["chair_alpha"].pk)


def test_a_plan_falls_back_upwards_and_skips_missing_places(world: World) -> None:
    rules = [
        StepRule(name="审核", at="union", role=Role.CHAIR, otherwise=Role.OFFICER, working_days=5),
        StepRule(name="备案", at="superior", role=Role.OFFICER, working_days=10),
    ]
    unions = world.unions
    first, second = plan(rules, {"union": unions["beta"], "superior": unions["pier"]})
    assert (first.organisation, first.role, first.working_days) == (unions["beta"], Role.CHAIR, 5)
    assert (second.organisation, second.role) == (unions["pier"], Role.OFFICER)
    chair = world.accounts["chair_beta"].pk
    (only,) = plan(rules, {"union": unions["beta"], "superior": None}, besides=chair)
    assert (only.organisation, only.role) == (unions["pier"], Role.OFFICER)
    with pytest.raises(KeyError):
        plan(rules, {"union": unions["beta"]})
