"""Who applies while the membership is carried to another union applies there: the matter waits for the tree."""

from collections.abc import Callable
from threading import Event, Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from tests.world import World
from unionhall.benefits import certificates
from unionhall.benefits.actions import subsidy
from unionhall.foundation.actors import system_actor
from unionhall.members.actions import relocate
from unionhall.organisations.tree import hold_for_change

from .relief import applied
from .test_subsidy import certificate

pytestmark = pytest.mark.django_db(transaction=True)
Applying = Callable[[World], object]


def for_relief(world: World) -> object:
    file = applied(world)
    return {file.organisation, file.review.organisation}


def for_the_subsidy(world: World) -> object:
    made = subsidy.apply(world.actor("worker_alpha"), person=world.people["alpha_1"], number="S000010001")
    return {made.organisation, made.review.organisation}


@pytest.mark.parametrize("apply", [for_relief, for_the_subsidy])
def test_who_is_just_being_carried_to_another_union_applies_there(world: World, apply: Applying) -> None:
    certificates.register(system_actor(), listed=[certificate(world)])
    said: list[object] = []
    done = Event()

    def run() -> None:
        try:
            said.append(apply(world))
        except Exception as raised:  # the test looks at it
            said.append(raised)
        finally:
            done.set()
            connection.close()

    other = Thread(target=run)
    with transaction.atomic():
        hold_for_change()
        other.start()
        early = done.wait(1.5)
        relocate(
            system_actor(), origin=world.unions["alpha"], destination=world.unions["beta"],
            on=timezone.localdate(),
        )  # fmt: skip
    other.join(30)
    assert not early
    assert said == [{world.unions["beta"]}]
