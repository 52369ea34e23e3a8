"""A unit's plan step by step, shared by the tests of plans and by the browser."""

from typing import Any

from django.utils import timezone

from tests.world import World
from unionhall.benefits.actions import insurers, plans, plans_paying
from unionhall.benefits.models import CoverEnrolment, PlanPerson, PlanPurchase
from unionhall.foundation.actors import system_actor
from unionhall.ledger import actions as ledger
from unionhall.ledger.models import Payment

SYSTEM, WHY, TODAY = system_actor(), "test", timezone.localdate()


def money(world: World) -> None:
    """A budget of the city, and the insurer's account."""
    ledger.open_budget(
        SYSTEM,
        organisation=world.unions["river_city"],
        programme="plan_women",
        year=TODAY.year,
        amount=10_000,
    )
    insurers.save_insurer(
        SYSTEM, organisation=world.unions["province"], insurer=None, bank="示例银行", number="6222020200112233446",
        given={"name": "中国职工保险互助会湖北办事处", "programmes": ["plan_women"]},
    )  # fmt: skip


def drafted(world: World, **more: Any) -> PlanPurchase:
    facts: dict[str, Any] = {
        "organisation": world.unions["alpha"], "programme": "plan_women", "tier": "one", "starts": TODAY,
    } | more  # fmt: skip
    return plans.start(world.actor("chair_alpha"), **facts)


def people(purchase: PlanPurchase) -> dict[str, PlanPerson]:
    rows = PlanPerson.objects.everywhere(reason=WHY).filter(purchase=purchase).select_related("person")
    return {one.person.name: one for one in rows}


def submitted(world: World) -> PlanPurchase:
    found = drafted(world)
    return plans.submit(world.actor("chair_alpha"), purchase=found, amount=plans.tally(found).amount)


def paid(purchase: PlanPurchase) -> PlanPurchase:
    """As if the bank had answered."""
    plans_paying.was_paid(SYSTEM, Payment.objects.everywhere(reason=WHY).filter(key=plans.key_of(purchase)))
    return PlanPurchase.objects.everywhere(reason=WHY).select_related("organisation").get(pk=purchase.pk)


def covers(purchase: PlanPurchase) -> dict[str, CoverEnrolment]:
    rows = CoverEnrolment.objects.everywhere(reason=WHY).filter(programme="plan_women", source="listed")
    return {one.person.name: one for one in rows.select_related("person")}
