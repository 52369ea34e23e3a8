"""What is filed while its union ends waits, and is then filed where the matter stands, or refused in words."""

from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.world import World
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.organising.actions import reorganising
from unionhall.organising.actions.preparing import end_preparation
from unionhall.organising.actions.standing import propose
from unionhall.organising.models import Founding, StandingChange
from unionhall.organising.tests.test_founding import file
from unionhall.organising.tests.test_preparing import merge_pier, new_street, preparing
from unionhall.reviews.models import ReviewStep

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "a test reads the tables directly"


class Meanwhile:
    """A call on a connection of its own, started just before or after a step of a reorganisation."""

    def __init__(self, call: Callable[[], object]) -> None:
        self.call, self.done, self.early = call, Event(), False
        self.outcome: object = None
        self.thread = Thread(target=self._run)

    def _run(self) -> None:
        try:
            self.outcome = self.call()
        except Exception as raised:  # the test looks at it
            self.outcome = raised
        finally:
            self.done.set()
            connection.close()

    def beside(self, monkeypatch: pytest.MonkeyPatch, step: str, *, after: bool = False) -> None:
        real = getattr(reorganising, step)

        def stepped(*args: Any, **values: Any) -> Any:
            answer = real(*args, **values) if after else None
            self.thread.start()
            self.early = self.done.wait(1.5)
            return answer if after else real(*args, **values)

        monkeypatch.setattr(reorganising, step, stepped)

    def ended(self) -> object:
        self.thread.join(30)
        assert self.done.is_set(), "it still waits"
        return self.outcome


def test_no_change_of_standing_is_filed_in_a_union_that_just_ends(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = Meanwhile(
        lambda: propose(
            world.actor("worker_beta"), membership=world.memberships["beta_1"], change="withdrawal",
            reason="本人不想参加了",
        )
    )  # fmt: skip
    asked.beside(monkeypatch, "require_no_preparation")
    carried = reorganising.dissolve_union(
        system_actor(), organisation=world.unions["beta"], on=timezone.localdate(), reason="单位注销",
        document="江工1号", destination=world.unions["alpha"],
    )  # fmt: skip
    refusal = asked.ended()
    assert not asked.early
    assert isinstance(refusal, Refused)
    assert "已经结束" in str(refusal)
    assert carried == 2
    assert not StandingChange.objects.everywhere(reason=WHY).exists()


@pytest.mark.parametrize("after", [False, True])
def test_a_result_that_is_filed_while_the_superior_merges_stands_at_the_successor(
    world: World, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    found, street = preparing(world), new_street(world)
    filed = Meanwhile(lambda: file(world, found, by="worker_outside"))
    filed.beside(monkeypatch, "pass_preparations", after=after)
    merge_pier(world, street)
    one = filed.ended()
    assert not filed.early
    assert isinstance(one, Founding)
    assert one.result_review is not None
    assert (one.organisation, one.result_review.organisation) == (street, street)
    steps = ReviewStep.objects.everywhere(reason=WHY).filter(review=one.result_review)
    assert world.unions["pier"].pk not in steps.values_list("organisation_id", flat=True)


def test_who_carried_a_founding_for_the_merged_superior_files_no_result_for_the_successor(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, street = preparing(world, "pier_officer"), new_street(world)
    filed = Meanwhile(lambda: file(world, found, by="pier_officer"))
    filed.beside(monkeypatch, "pass_preparations", after=True)
    merge_pier(world, street)
    assert isinstance(filed.ended(), NotAllowed)
    found.refresh_from_db()
    assert (found.stage, found.result_review) == (Founding.Stage.PREPARING, None)


def test_a_preparation_that_is_ended_while_its_superior_merges_ends_at_the_successor(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, street = preparing(world), new_street(world)
    ended = Meanwhile(
        lambda: end_preparation(world.actor("worker_outside"), founding=found, reason="单位已经搬走")
    )
    ended.beside(monkeypatch, "pass_preparations", after=True)
    merge_pier(world, street)
    one = ended.ended()
    assert isinstance(one, Founding)
    assert (one.organisation, one.stage) == (street, Founding.Stage.ENDED)
