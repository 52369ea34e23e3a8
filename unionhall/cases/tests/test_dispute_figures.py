"""Disputes by mediation body: each case with the body that had it last, counted where the cases are."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.cases.indicators.disputes import by_body
from unionhall.cases.models import Case, Dispute, Mediation

from . import disputes as scene

pytestmark = pytest.mark.django_db
WHY = "test"
COLUMNS = ("cases", "agreed", "failed", "in_time", "recovered", "rate")


def shown(world: World, who: str = "river_officer") -> dict[str, tuple[Any, ...]]:
    rows = by_body(world.actor(who).access)
    return {row["body"].organisation.short_name: tuple(row[name] for name in COLUMNS) for row in rows}


def handed_on(case: Case, world: World) -> None:
    """From the body of alpha to that of beta."""
    held = Mediation.objects.everywhere(reason=WHY).filter(case=case)
    held.update(ended_at=timezone.now())
    one = held.get()
    other = scene.body(world, "beta")
    Mediation.objects.create(
        case=case, body=other, mediator=scene.mediator(other, "方圆"), because=one.because, assigned_by="测试"
    )


def test_a_case_counts_for_the_body_that_had_it_last(world: World) -> None:
    case, other = scene.agreed(world), scene.mediating(world)
    Dispute.objects.everywhere(reason=WHY).filter(case=case).update(recovered=Decimal("800.50"))
    Case.objects.everywhere(reason=WHY).filter(pk=other.pk).update(state="failed")
    assert shown(world) == {"alpha": (2, 1, 1, 1, Decimal("800.50"), 0.5)}
    handed_on(other, world)
    assert shown(world) == {
        "alpha": (1, 1, 0, 1, Decimal("800.50"), 1.0),
        "beta": (1, 0, 1, 0, 0, 0.0),
    }
    scene.dispute(world)
    assert sum(row[0] for row in shown(world).values()) == 2, "one that no body has is nobody's"
    assert shown(world, "chair_delta") == {}


@pytest.mark.parametrize("count", [1, 3])
def test_they_are_counted_by_one_statement_that_holds_no_ids(
    world: World, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        scene.mediating(world)
    access = world.actor("river_officer").access
    assert access.prefixes("cases.disputes")
    with django_assert_num_queries(2) as asked:
        by_body(access)
    assert "GROUP BY" in asked[0]["sql"]
    assert '"cases_case"."id" IN (' not in asked[0]["sql"]
