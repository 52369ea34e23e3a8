"""助推补贴 is told to those alone who hold a certificate that would be granted today where they are members."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from dateutil.relativedelta import relativedelta
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.world import World
from unionhall.benefits import certificates
from unionhall.benefits.actions import entitlements as telling
from unionhall.benefits.actions import subsidy
from unionhall.benefits.models import Certificate, Told
from unionhall.benefits.rules.subsidy import first_day, last_day
from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.rulebook import eligibility

from .test_subsidy import bring, certificate

SYSTEM = system_actor()
WHY = "test"
TODAY = timezone.localdate()
TRADE = "快递揽投"  # has no certificate: a contest's result stands for one


@given(on=st.dates(date(2000, 1, 1), date(2060, 1, 1)), months=st.integers(1, 120), off=st.integers(-40, 40))
def test_the_first_day_of_issue_is_the_first_whose_last_day_is_not_past(
    on: date, months: int, off: int
) -> None:
    issued = on - relativedelta(months=months) + timedelta(days=off)
    assert (issued >= first_day(on, months)) is (last_day(issued, months) >= on)


def to_bring(world: World, who: str = "alpha_1") -> bool | None:
    code = "benefits.certificate_to_bring"
    found: bool | None = eligibility.values([world.people[who].pk], [code], TODAY)[world.people[who].pk][code]
    return found


def met(world: World) -> bool | None:
    version = subsidy.scheme_for(world.unions["alpha"])
    (verdict,) = eligibility.judge(world.people["alpha_1"].pk, [version], TODAY)
    return verdict.met


def told(world: World) -> bool:
    persons = [world.people["alpha_1"].pk]
    telling.tell_some(SYSTEM, person_ids=persons, on=TODAY, programmes=["career_subsidy"])
    return Told.objects.everywhere(reason=WHY).filter(programme="career_subsidy").exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("more", "granted"),
    [
        ({}, True),
        ({"level": "1"}, True),
        ({"level": "3"}, False),
        ({"occupation": "占卜师"}, False),
        ({"issued_on": first_day(TODAY, 12)}, True),
        ({"issued_on": first_day(TODAY, 12) - timedelta(days=1)}, False),
        ({"issued_on": TODAY + timedelta(days=1)}, False),
        ({"issued_on": date(2009, 5, 1)}, False),
        ({"occupation": TRADE}, False),
        ({"occupation": TRADE, "number": "竞赛A1-001"}, True),
        ({"number": "竞赛A1-001"}, False),
    ],
)
def test_the_fact_answers_as_the_application_would(world: World, more: dict[str, Any], granted: bool) -> None:
    certificates.register(SYSTEM, listed=[certificate(world, **more)])
    (held,) = Certificate.objects.everywhere(reason=WHY)
    assert (not subsidy.objections(held, world.unions["alpha"])) is granted
    assert to_bring(world) is granted
    assert to_bring(world, "alpha_2") is None


@pytest.mark.django_db
def test_who_would_be_refused_is_told_nothing(world: World, signed_in: Callable[[str], Client]) -> None:
    certificates.register(SYSTEM, listed=[certificate(world, issued_on=TODAY - timedelta(days=400))])
    assert met(world) is False
    assert not told(world)
    page = signed_in("worker_alpha").get(reverse("m_benefit", args=["career_subsidy"])).content.decode()
    assert "您符合条件" not in page
    assert "没有可以申请的技能证书" in page


@pytest.mark.django_db
def test_an_older_certificate_of_a_higher_level_does_not_hide_the_one_that_may_be_brought(
    world: World,
) -> None:
    old = certificate(world, number="S1", level="1", issued_on=TODAY - timedelta(days=900))
    certificates.register(SYSTEM, listed=[old, certificate(world, number="S2")])
    assert met(world) is True
    assert told(world)


@pytest.mark.django_db
def test_what_was_brought_is_not_to_be_brought_again(
    world: World, signed_in: Callable[[str], Client]
) -> None:
    bring(world)
    assert met(world) is False
    with pytest.raises(Refused, match="同一职业同一等级只补贴一次"):
        subsidy.apply(world.actor("worker_alpha"), person=world.people["alpha_1"], number="S000010001")
    page = signed_in("worker_alpha").get(reverse("m_benefit", args=["career_subsidy"])).content.decode()
    assert "已享受或在办" in page
    assert "您现在还不符合" not in page
    assert reverse("m_subsidy_apply") not in page
    certificates.register(SYSTEM, listed=[certificate(world, number="S2", occupation="焊工")])
    assert met(world) is True
