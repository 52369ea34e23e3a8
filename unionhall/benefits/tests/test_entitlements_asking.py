"""Where only applying finds out whether one qualifies, the way to apply is open on every page that tells of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World
from unionhall.benefits import entitlements
from unionhall.benefits.actions import entitlements as telling
from unionhall.benefits.models import Told
from unionhall.benefits.procedures.relief_offers import files_had
from unionhall.foundation.actors import system_actor
from unionhall.kit.codes import EmploymentStatus
from unionhall.members.models import Employment, HouseholdMember
from unionhall.members.tests.test_households import marry

from . import relief as scene
from .trial import Trial

pytestmark = pytest.mark.django_db
SignedIn = Callable[[str], Client]
WHY = "test"


def employed(world: World, status: str) -> None:
    rows = Employment.objects.everywhere(reason=WHY).filter(person=world.people["alpha_1"])
    rows.update(status=status)


def group(client: Client) -> str:
    """Under which heading hardship relief stands in the reader's list."""
    groups: dict[str, list[dict[str, Any]]] = client.get(reverse("m_benefits")).context["groups"]
    (found,) = (
        name for name, rows in groups.items() for row in rows if row["programme"] == "hardship_relief"
    )
    return found


def shown(client: Client) -> str:
    return client.get(reverse("m_benefit", args=["hardship_relief"])).content.decode()


@pytest.mark.parametrize("status", [EmploymentStatus.WORKING, ""])
def test_a_working_member_is_led_to_the_application(world: World, signed_in: SignedIn, status: str) -> None:
    """Nobody's need is in the register: it is looked into when he applies."""
    employed(world, status)
    client = signed_in("worker_alpha")
    html = shown(client)
    assert f'href="{reverse("m_relief")}"' in html
    assert "申请以后由工会核实" in html
    assert "还差什么" not in html
    assert group(client) == "asking"
    listed = client.get(reverse("m_benefits")).content.decode()
    assert f'href="{reverse("m_relief")}"' in listed


def test_who_lacks_something_that_is_known_is_not(world: World, signed_in: SignedIn) -> None:
    employed(world, EmploymentStatus.RETIRED)
    client = signed_in("worker_alpha")
    assert f'href="{reverse("m_relief")}"' not in shown(client)
    assert group(client) == "near"


def test_who_is_no_member_is_led_there_where_the_scheme_asks_for_no_membership(
    world: World, signed_in: SignedIn
) -> None:
    client = signed_in("worker_outside")
    html = shown(client)
    assert f'href="{reverse("m_relief")}"' in html
    assert "所在工会应在适用地区内" not in html


def test_who_has_applied_is_led_to_his_file(world: World, signed_in: SignedIn) -> None:
    scene.applied(world)
    client = signed_in("worker_alpha")
    assert group(client) == "used"
    assert f'href="{reverse("m_relief")}"' not in shown(client)


def test_the_public_guide_leads_there_too(world: World, client: Client) -> None:
    def leads(programme: str, name: str) -> bool:
        html = client.get(reverse("public_service", args=[programme])).content.decode()
        return f'href="{reverse(name)}"' in html

    assert leads("hardship_relief", "m_relief")
    assert not leads("career_subsidy", "m_subsidy_apply"), "there the register knows who qualifies"


def test_whose_household_has_a_file_is_told_of_no_other(world: World, trial: Trial) -> None:
    """By the register and by the document alike: a relative may have been written down before he was registered."""
    trial.offer("gift", 'conditions = [{ condition = "member" }]', had=files_had)
    spouse = marry(world, "alpha_1", "beta_1")
    scene.applied(world)
    persons = [world.people[who].pk for who in ("alpha_1", "beta_1", "alpha_2")]
    for person_id in (persons[1], None):
        places = HouseholdMember.objects.everywhere(reason=WHY).filter(pk=spouse.pk)
        places.update(person=person_id)
        having = files_had(timezone.localdate()).filter(person_id__in=persons)
        assert set(having.values_list("person_id", flat=True)) == set(persons[:2])
        known = entitlements.judged(persons[1], "420103", timezone.localdate())
        assert [one.had for one in known] == [True]
    telling.tell(system_actor(), on=timezone.localdate())
    assert not Told.objects.everywhere(reason=WHY).filter(person__in=persons[:2]).exists()
