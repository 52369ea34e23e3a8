"""The scheme's conditions hold for an application too, and the check page reckons as the decision does."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import World
from unionhall.benefits.models import Assessment, HardshipFile
from unionhall.foundation.errors import Refused
from unionhall.kit.codes import EmploymentStatus
from unionhall.members.models import Employment, Person
from unionhall.reviews.actions import refuse

from . import relief as scene
from .test_relief_pages import page, send

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
WHY = "test"


def employed(world: World, *, status: str = "", since: date | None = None) -> None:
    """alpha_1's employment as the register has it."""
    changes: dict[str, object] = {"status": status}
    if since is not None:
        changes["period"] = DateRange(since, None)
    rows = Employment.objects.everywhere(reason=WHY)
    rows.filter(person=world.people["alpha_1"]).update(**changes)


@pytest.mark.parametrize("status", [EmploymentStatus.RETIRED, EmploymentStatus.RETIRED_VETERAN])
def test_who_does_not_meet_a_condition_is_refused_with_what_is_missing(world: World, status: str) -> None:
    employed(world, status=status)
    with pytest.raises(Refused, match="就业状况应为"):
        scene.applied(world)
    assert not HardshipFile.objects.everywhere(reason=WHY).exists()


def test_what_the_register_does_not_know_is_left_to_the_visit(world: World) -> None:
    """Neither his need nor his employment's status is known before somebody looks."""
    employed(world, status="")
    assert scene.applied(world).stage == HardshipFile.Stage.APPLIED


def test_who_retired_meanwhile_is_not_filed(world: World) -> None:
    file = scene.publicised(world)
    scene.let_pass()
    employed(world, status=EmploymentStatus.RETIRED)
    with pytest.raises(Refused, match="就业状况应为"):
        scene.pass_step(world, file)
    refuse(world.actor("reviewer"), step=scene.step(file), opinion="已经退休")
    assert scene.fresh(file).stage == HardshipFile.Stage.ENDED


def test_the_phone_says_so_before_the_first_question(world: World, signed_in: SignIn) -> None:
    employed(world, status=EmploymentStatus.RETIRED)
    client = signed_in("worker_alpha")
    shown = page(client, "m_relief")
    assert "就业状况应为" in shown
    assert "开始申请" not in shown
    assert client.get(reverse("m_relief_consent"))["Location"] == reverse("m_relief")


def test_the_check_page_answers_as_the_decision_does(world: World, signed_in: SignIn) -> None:
    """A migrant worker employed for two months only."""
    Person.objects.everywhere(reason=WHY).filter(pk=world.people["alpha_1"].pk).update(migrant_worker=True)
    employed(world, since=timezone.localdate() - timedelta(days=60))
    client = signed_in("worker_alpha")
    send(client, "m_relief_consent", {"agreed": "on"})
    send(client, "m_relief_family", {"onward": "1"})
    send(client, "m_relief_money", {"income_self": "3000", "expense_self": "0", "health_self": "good"})
    send(client, "m_relief_situation", {"main_cause": "illness", "housing": "rented", "loss": "0"})
    send(client, "m_relief_papers", {"onward": "1"})
    shown = page(client, "m_relief_check")
    send(client, "m_relief_check", {})
    made = Assessment.objects.everywhere(reason=WHY).select_related("decision").get()
    assert (made.category, made.decision.reasons) == ("", ["农民工应已实际就业满 12 个月"])
    assert "农民工应已实际就业满 12 个月" in shown
    assert "暂不符合困难标准" in shown
