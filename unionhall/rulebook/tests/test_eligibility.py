"""Everyone in one scan, one person with reasons; areas, and the numbers a simulation tells."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.world import World
from unionhall import rulebook
from unionhall.rulebook import eligibility
from unionhall.rulebook.book import fresh, reload
from unionhall.rulebook.population import under
from unionhall.rulebook.tests.crowd import make
from unionhall.rulebook.tests.trial import PROVINCE


@pytest.fixture
def province(world: World, gifts: Path) -> list[int]:
    return make(world, 80)


def test_all_are_counted_in_one_scan_as_one_by_one(province: list[int], world: World) -> None:
    on = timezone.localdate()
    versions = [one for one in fresh().versions["gift"] if one.holds_on(on)]
    where = Q(pk__in=province)
    with CaptureQueriesContext(connection) as told:
        counted = eligibility.count_versions(versions, on, where)
    # One small look at where unions stand, one scan of the people.
    assert len(told) == 2
    judged = eligibility.judge_many(province, versions, on)
    for version in versions:
        listed = set(eligibility.who(version, on, where, versions).values_list("pk", flat=True))
        assert len(listed) == counted[version.digest]
        met = {
            pk
            for pk, verdicts in judged.items()
            if any(one.version is version and one.met for one in verdicts)
        }
        if version.jurisdiction:
            assert listed == met
        else:
            # The nation's version leaves the province's people to the province's own.
            assert listed == set()
    assert eligibility.count_all(versions, on, where) == {"gift": sum(counted.values())}
    assert counted[rulebook.scheme("gift", on, "42").digest] > 0


def test_a_subtree_is_counted_by_itself(province: list[int], world: World) -> None:
    on = timezone.localdate()
    version = rulebook.scheme("gift", on, "420103001")
    parts = [
        eligibility.count_all([version], on, under(world.unions[name].path))["gift"]
        for name in ("river_city", "gorge_city")
    ]
    assert sum(parts) == eligibility.count_all([version], on)["gift"]
    assert all(parts)


def test_one_person_is_judged_with_reasons(province: list[int], world: World) -> None:
    on = timezone.localdate()
    version = rulebook.scheme("gift", on, "42")
    woman, man, outsider = (world.people[name].pk for name in ("alpha_2", "alpha_1", "outsider"))
    (verdict,) = eligibility.judge(woman, [version], on)
    assert (verdict.met, verdict.unmet) == (True, ())
    (verdict,) = eligibility.judge(man, [version], on)
    assert (verdict.met, [one.missing for one in verdict.unmet]) == (False, ["性别应为 女"])
    (verdict,) = eligibility.judge(outsider, [version], on)
    assert verdict.met is False
    assert [one.condition for one in verdict.unmet] == ["area", "member", "sex"]
    assert eligibility.judge(0, [version], on) == []


def test_where_no_membership_is_asked_one_need_not_stand_in_the_area(world: World, gifts: Path) -> None:
    """The place that looks at him took its own version: he is not told to join a union there."""
    text = PROVINCE.replace('{ condition = "member" },\n', "")
    (gifts / "province" / "gift.toml").write_text(text, encoding="utf-8")
    reload()
    on, outsider = timezone.localdate(), world.people["outsider"].pk
    version = rulebook.scheme("gift", on, "42")
    assert not eligibility.asks_membership(version)
    (verdict,) = eligibility.judge(outsider, [version], on)
    assert [one.condition for one in verdict.reasons] == ["sex"]
    known = {"membership.division": None, "person.sex": "2"}
    assert eligibility.meets(known, version, on) is True
    # Who is a member elsewhere still is elsewhere.
    elsewhere = known | {"membership.division": "430102"}
    assert eligibility.meets(elsewhere, version, on) is False


def test_the_past_is_judged_as_it_was(world: World, gifts: Path) -> None:
    """Facts of periods are those of the day asked for."""
    person = world.people["alpha_1"].pk
    before = date(2019, 12, 31)
    codes = ["membership.member", "membership.division"]
    assert eligibility.values([person], codes, before)[person] == {
        "membership.member": False,
        "membership.division": None,
    }
    assert rulebook.scheme("gift", date(2022, 5, 1), "42").parameters.amount.amount == Decimal(150)
