"""A matter of somebody's own household waits for him in no list: he could not decide it anyway."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from tests.world import World
from unionhall.foundation.actors import system_actor
from unionhall.foundation.permissions import Role
from unionhall.members.actions import add_relative, form_household
from unionhall.members.hands import hands_of
from unionhall.members.models import DeskIdentity
from unionhall.reviews import actions

from .matters import Trial

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("related", [False, True])
def test_the_inbox_leaves_it_out(
    world: World, signed_in: Callable[[str], Client], trial: Trial, related: bool
) -> None:
    chair, wife = world.people["beta_1"], world.people["alpha_1"]
    DeskIdentity.objects.create(account=world.accounts["chair_alpha"], person=chair, named_by="x")
    if related:
        form_household(system_actor(), person=chair)
        number = str(wife.id_number.reveal())
        add_relative(
            system_actor(), person=chair, name=wife.name, relation="1", id_type="01", id_number=number
        )
    family = hands_of(world.accounts["chair_alpha"].pk).family
    assert family == ({world.accounts["worker_alpha"].pk} if related else frozenset())
    review = actions.submit(
        world.actor("worker_alpha"),
        procedure="trial",
        title="张**的申请",
        organisation=world.unions["alpha"],
        steps=[actions.StepPlan("审核", world.unions["alpha"], Role.CHAIR, 5)],
    )
    shown = signed_in("chair_alpha").get(reverse("desk_reviews") + "?whose=mine").content.decode()
    assert (review.number in shown) is not related
