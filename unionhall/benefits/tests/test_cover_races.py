"""Two at once: the cap of a cover holds, and a premium is paid once for each person."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from functools import partial
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum

from tests.racing import at_once
from tests.world import World
from unionhall.benefits.actions import cover_settling, plans
from unionhall.ledger.models import Payment
from unionhall.reviews import actions as reviewing

from . import plan_steps
from .cover import DECIDERS, TODAY, WHY, budget, handed_in, step_of

pytestmark = pytest.mark.django_db(transaction=True)
DISEASE = {"story": "首次确诊乳腺癌，手术治疗", "disease": "乳腺癌"}


@pytest.fixture
def meeting(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any, str], None]:
    """Have two who call this function of a module meet before it, unless one of them waits for a lock."""

    def at(module: Any, name: str) -> None:
        real, barrier = getattr(module, name), Barrier(2)

        def met(*args: Any, **more: Any) -> Any:
            with suppress(BrokenBarrierError):
                barrier.wait(timeout=1)
            return real(*args, **more)

        monkeypatch.setattr(module, name, met)

    return at


def test_races_of_cover(world: World, meeting: Callable[[Any, str], None]) -> None:
    """One test, because emptying the tables costs more than all that is tried here."""
    with transaction.atomic():
        budget(world, programme="cover_women")
        plan_steps.money(world)
        claims = [
            handed_in(
                world, by="officer_alpha", person=world.people["alpha_2"], programme="cover_women", peril="disease",
                on=TODAY - timedelta(days=days), said=DISEASE,
            )
            for days in (20, 25)
        ]  # fmt: skip
        for claim in claims:
            for name in DECIDERS[:-1]:
                reviewing.approve(world.actor(name), step=step_of(claim), opinion="同意")
        lists = [
            plan_steps.drafted(world, organisation=world.unions[name]) for name in ("alpha", "alpha_night")
        ]

    meeting(cover_settling, "decide")
    last = world.actor(DECIDERS[-1])
    decided = [partial(reviewing.approve, last, step=step_of(one), opinion="同意") for one in claims]
    assert sorted(words == "ok" for words in at_once(*decided)) == [False, True], "a cap of one whole sum"
    paid = Payment.objects.everywhere(reason=WHY).aggregate(total=Sum("amount"))["total"]
    assert paid == Decimal(10_000)

    meeting(plans, "decide")
    chair = world.actor("chair_alpha")
    handed = [partial(plans.submit, chair, purchase=one, amount=plans.tally(one).amount) for one in lists]
    told = at_once(*handed)
    assert sorted(words == "ok" for words in told) == [False, True], told
    assert Payment.objects.everywhere(reason=WHY).filter(purpose=plans.PURPOSE).count() == 1
