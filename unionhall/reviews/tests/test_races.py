"""Two at once: one succeeds, the other is told who was faster, and the hook runs once."""

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from tests.racing import at_once
from tests.world import World, ensure
from unionhall.access.grants import actor_for
from unionhall.access.models import Account, Grant
from unionhall.foundation.permissions import Role
from unionhall.reviews import actions
from unionhall.reviews.models import Review, ReviewEvent
from unionhall.reviews.numbers import next_number

from .matters import Trial, fresh, step_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stage(transactional_db: None) -> World:
    world = ensure()
    second = Account.objects.create(username="chair_alpha_2", display_name="副主席")
    Grant.objects.create(
        account=second,
        role=Role.CHAIR,
        organisation=world.unions["alpha"],
        period=DateRange(date(2020, 1, 1), None),
        granted_by="test",
    )
    world.accounts["chair_alpha_2"] = second
    return world


def submitted(world: World) -> Review:
    return actions.submit(
        world.actor("worker_alpha"),
        procedure="trial",
        title="张**的申请",
        organisation=world.unions["alpha"],
        steps=[actions.StepPlan("审核", world.unions["alpha"], Role.CHAIR, 5)],
    )


@pytest.mark.parametrize("other", ["approve", "refuse", "return", "withdraw"])
def test_two_at_once_decide_once(stage: World, trial: Trial, other: str) -> None:
    for _ in range(3):
        review = submitted(stage)
        step, trial.calls = step_of(review), []
        first, second = (actor_for(stage.accounts[name]) for name in ("chair_alpha", "chair_alpha_2"))
        rivals: dict[str, Callable[[], Any]] = {
            "approve": partial(actions.approve, second, step=step),
            "refuse": partial(actions.refuse, second, step=step, opinion="不行"),
            "return": partial(actions.return_for_completion, second, step=step, opinion="缺合同"),
            "withdraw": partial(
                actions.withdraw, stage.actor("worker_alpha"), review=review, reason="不办了"
            ),
        }
        answers = at_once(partial(actions.approve, first, step=step), rivals[other])
        assert answers.count("ok") == 1, answers
        (loser,) = [answer for answer in answers if answer != "ok"]
        assert "没有生效" in loser or "不能再操作" in loser or "补正" in loser
        assert len(trial.calls) == 1
        assert ReviewEvent.objects.everywhere(reason="test").filter(review=review).count() == 2
        assert fresh(review).state != Review.State.PENDING


def test_numbers_taken_at_once_differ(stage: World) -> None:
    taken: list[str] = []

    def take() -> None:
        with transaction.atomic():
            taken.append(next_number("BF", date(2026, 1, 5)))

    assert at_once(*[take] * 8) == ["ok"] * 8
    assert sorted(taken) == [f"BF202601050000{n}" for n in range(1, 9)]
