"""Samples of cover: a claim of the worker of `alpha` with a paper, one of kin at the window, a roll."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from tests.world import World
from unionhall.benefits.actions import cover_claims, cover_rolls
from unionhall.benefits.actions.cover_enrolment import sweep
from unionhall.benefits.models import CoverClaim, CoverPaper, CoverRoll, PlanPurchase
from unionhall.benefits.tests.cover import paper as upload
from unionhall.foundation.actors import system_actor

PERSON, OWNER = "alpha_1", "worker_alpha"


def claim(world: World) -> CoverClaim:
    sweep()
    return cover_claims.start(
        world.actor(OWNER), person=world.people[PERSON], programme="cover_accident", peril="fire",
        event_on=timezone.localdate() - timedelta(days=3),
    )  # fmt: skip


def paper(world: World) -> CoverPaper:
    return cover_claims.add_paper(world.actor(OWNER), claim=claim(world), code="fire", upload=upload())


def roll(world: World) -> CoverRoll:
    sweep()
    found = cover_rolls.ask(system_actor(), programme="cover_third", month=timezone.localdate())
    return cover_rolls.make(found.pk)


def by_pk(make: Callable[[World], Any]) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"pk": make(world).pk}


def by_paper(world: World) -> dict[str, Any]:
    found = paper(world)
    return {"claim": found.claim_id, "pk": found.pk}


#: Address → what makes its arguments; claims stand in the union, and the worker's belong to him.
COVER: dict[str, Callable[[World], dict[str, Any]]] = {
    **{
        f"{side}_cover_claim{verb}": by_pk(claim)
        for side in ("m", "desk")
        for verb in ("", "_describe", "_papers", "_drop")
    },
    **{f"{side}_cover_paper{verb}": by_paper for side in ("m", "desk") for verb in ("", "_remove")},
}


def plan(world: World) -> PlanPurchase:
    """A draft list of the union's own."""
    return PlanPurchase.objects.create(
        organisation=world.unions["alpha"], programme="plan_women", tier="one", version="0" * 64,
        starts=timezone.localdate(), made_by="示例",
    )  # fmt: skip


COVER |= {
    f"desk_cover_plan{verb}": by_pk(plan)
    for verb in ("", "_relist", "_leave", "_take", "_submit", "_cancel", "_renew")
}
