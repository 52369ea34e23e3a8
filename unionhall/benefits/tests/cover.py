"""Setting the scene for tests of cover: a claim with its papers, the deciders of the world, a budget."""

from datetime import date, timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone

from tests.world import World
from unionhall.benefits.actions import cover_claims as claims
from unionhall.benefits.models import CoverClaim
from unionhall.foundation.actors import system_actor
from unionhall.ledger import actions as ledger
from unionhall.ledger.models import Budget
from unionhall.records.uploads import Upload
from unionhall.reviews import actions as reviewing
from unionhall.reviews.models import Review, ReviewStep

WHY = "test"
SYSTEM = system_actor()
TODAY = timezone.localdate()
EVENT = TODAY - timedelta(days=20)
FIRE = {"place": "家中", "story": "厨房电线短路引起火灾，烧毁家具", "loss": "80000"}
#: Who decides which step of a claim in the union `alpha`.
DECIDERS = ("chair_alpha", "east_officer", "reviewer", "river_officer")


def paper(name: str = "材料.pdf") -> Upload:
    content = b"%PDF-1.4\n%%EOF"
    return Upload(name, "application/pdf", len(content), BytesIO(content))


def budget(world: World, amount: int = 100_000, programme: str = "cover_accident") -> Budget:
    return ledger.open_budget(
        SYSTEM, organisation=world.unions["river_city"], programme=programme, year=TODAY.year, amount=amount
    )


def drafted(
    world: World,
    *,
    by: str = "worker_alpha",
    peril: str = "fire",
    on: date = EVENT,
    said: Any = FIRE,
    **more: Any,
) -> CoverClaim:
    """A claim of alpha_1 with all its papers, not handed in."""
    actor = world.actor(by)
    facts: dict[str, Any] = {"person": world.people["alpha_1"], "programme": "cover_accident"} | more
    claim = claims.start(actor, peril=peril, event_on=on, **facts)
    claim = claims.describe(actor, claim=claim, particulars=said)
    for one in claims.papers_of(claim):
        claims.add_paper(actor, claim=claim, code=one.code, upload=paper())
    return claim


def handed_in(world: World, **more: Any) -> CoverClaim:
    return claims.submit(
        world.actor(more.get("by", "worker_alpha")), claim=drafted(world, **more), consent=True
    )


def step_of(claim: CoverClaim) -> ReviewStep:
    rows = ReviewStep.objects.everywhere(reason=WHY).select_related("organisation", "review")
    return rows.get(review=claim.review_id, is_current=True)


def decide_all(world: World, claim: CoverClaim, deciders: tuple[str, ...] = DECIDERS) -> Review:
    done = [reviewing.approve(world.actor(name), step=step_of(claim), opinion="同意") for name in deciders]
    return done[-1]


def fresh(claim: CoverClaim) -> CoverClaim:
    rows = CoverClaim.objects.everywhere(reason=WHY)
    return rows.select_related("person", "organisation", "review", "enrolment", "decision").get(pk=claim.pk)
