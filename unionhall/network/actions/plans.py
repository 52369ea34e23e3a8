"""A union's plan for its network: targets by year, kind and measure, written as a whole."""

from typing import Any

from django.db import IntegrityError, transaction

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal

from ..models import NetworkPlan, PlanTarget

PLAN = "network.plan"
#: (year, kind, measure) → how many.
Targets = dict[tuple[int, str, str], int]
LONGEST = 10


@transaction.atomic
def save_plan(
    actor: Actor, *, organisation: Organisation, plan: NetworkPlan | None, given: dict[str, Any], targets: Targets
) -> NetworkPlan:  # fmt: skip
    """Enter or change a plan with all its targets. Refused: years that run backward, or two plans from one year."""
    actor.require(PLAN, *organisation.paths)
    if plan is not None:
        actor.require(PLAN, *plan.organisation.paths)
    found = plan or NetworkPlan(organisation=organisation)
    for name in ("title", "first_year", "last_year", "document"):
        setattr(found, name, given[name])
    if not found.first_year <= found.last_year < found.first_year + LONGEST:
        raise Refused(f"结束年份要不早于起始年份，规划最长 {LONGEST} 年。", "last_year")
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise Refused("这个工会已有从这一年开始的规划，请在原规划上修改。", "first_year") from None
    rows = [
        PlanTarget(plan=found, year=year, kind=kind, measure=measure, number=number)
        for (year, kind, measure), number in targets.items()
        if number and found.first_year <= year <= found.last_year
    ]
    PlanTarget.objects.everywhere(reason="targets of the plan that is written").filter(plan=found).delete()
    PlanTarget.objects.bulk_create(rows)
    journal(
        actor, "network.plan_saved", subject=found, paths=organisation.paths,
        detail={"years": [found.first_year, found.last_year], "targets": sum(one.number for one in rows)},
    )  # fmt: skip
    return found
