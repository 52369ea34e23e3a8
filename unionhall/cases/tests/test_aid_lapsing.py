"""Offers of legal aid that ran out, one by one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import aid, core, lawyering
from unionhall.cases.models import AidAssignment, Case, CaseClock
from unionhall.cases.tests.aid import applied, lawyer, officer
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused

pytestmark = pytest.mark.django_db


def ran_out(world: World, cause: str) -> AidAssignment:
    """Offered to a lawyer who did not answer in time."""
    case = applied(world, cause=cause).case
    aid.decide(officer(world), case=case, granted=True)
    made = lawyering.offer(officer(world), case=case)
    clock = CaseClock.objects.everywhere(reason="test").filter(case=case, code="answer", state="running")
    assert clock.update(due_at=timezone.now() - timedelta(minutes=1)) == 1
    return made


def test_an_offer_that_cannot_lapse_does_not_stop_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    lawyer(world)
    first, second = ran_out(world, "wages"), ran_out(world, "injury")
    real = core.move

    def move(actor: Actor, case: Case, code: str, **more: Any) -> Case:
        if case == first.aid.case:
            raise Refused("这件案件适用的办法里没有这个动作。")
        return real(actor, case, code, **more)

    monkeypatch.setattr(core, "move", move)
    assert lawyering.lapse_unanswered() == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, first.ended_at, second.state) == ("offered", None, "lapsed")
