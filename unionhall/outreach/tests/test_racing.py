"""Two at once: what one of them did is seen by the other before he acts."""

import pytest
from django.utils import timezone

from tests.architecture import samples_outreach as scene
from tests.racing import Verb, answers
from tests.world import World
from unionhall.outreach.actions import contacts, visiting
from unionhall.outreach.actions.holding import Target
from unionhall.outreach.models import ContactPoint, VisitDuty

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "test"


def test_a_duty_that_was_just_met_stays_with_the_visit_that_met_it(world: World) -> None:
    duty, (actor, account) = scene.duty(world), scene.chair(world)

    def plan(duty: VisitDuty | None = None) -> object:
        return visiting.plan(
            actor, organisation=world.unions["alpha"], kind="call", on=timezone.localdate(), duty=duty,
            participants=[account], targets=[Target(person=world.people["alpha_2"])],
        )  # fmt: skip

    visit = plan()
    told = answers(lambda: visiting.complete(actor, visit=visit), lambda: plan(duty))  # type: ignore[arg-type]
    assert told == ["", "这项必访任务已经了结。"]
    assert VisitDuty.objects.everywhere(reason=WHY).get(pk=duty.pk).visit == visit


@pytest.mark.parametrize("target", ["firm", "family"])
def test_a_firm_or_a_family_has_one_helper_also_when_two_name_him_at_once(world: World, target: str) -> None:
    whom = (
        Target(employer=world.employers["alpha"])
        if target == "firm"
        else Target(person=world.people["alpha_2"])
    )

    def name(who: str, union: str) -> Verb:
        return lambda: contacts.name_contact(
            world.actor(who), account=world.accounts[who], organisation=world.unions[union], target=whom,
            helps=True,
        )  # fmt: skip

    assert answers(name("chair_alpha", "alpha"), name("pier_officer", "pier")) == ["", ""]
    rows = ContactPoint.objects.everywhere(reason=WHY).current().filter(helps=True)
    assert [one.account for one in rows.select_related("account")] == [world.accounts["pier_officer"]]
