"""A duty is met by a visit that was told of in time, and voided by whoever stands above."""

from collections.abc import Callable
from datetime import time, timedelta

import pytest
import time_machine
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.architecture import samples_outreach as scene
from tests.world import SINCE, World
from unionhall.access.models import Grant
from unionhall.foundation.errors import Refused
from unionhall.members.models import DeskIdentity
from unionhall.outreach.actions import duties, visiting
from unionhall.outreach.actions.holding import Target
from unionhall.outreach.models import Visit, VisitDuty

pytestmark = pytest.mark.django_db
WHY = "test"
SignIn = Callable[[str], Client]


def planned(world: World, duty: VisitDuty | None = None) -> Visit:
    actor, account = scene.chair(world)
    return visiting.plan(
        actor, organisation=world.unions["alpha"], kind="call", on=timezone.localdate(), participants=[account],
        targets=[Target(employer=world.employers["alpha"])], duty=duty,
    )  # fmt: skip


def state(duty: VisitDuty) -> str:
    return VisitDuty.objects.everywhere(reason=WHY).get(pk=duty.pk).state


def street_s(world: World, who: str = "pier_officer") -> VisitDuty:
    """A duty of the street's own union, opened by its officer and so his to fulfil."""
    found = duties.open_duty(
        world.actor(who), trouble="trouble", key="street:1", source="手工登记", because="职工停工讨薪。",
        organisation=world.unions["pier"], employer=world.employers["beta"],
    )  # fmt: skip
    assert found is not None
    return found


def test_a_plan_ticked_off_months_later_meets_nothing(world: World) -> None:
    duty, (actor, _) = scene.duty(world), scene.chair(world)
    visit = planned(world, duty)
    with time_machine.travel(timezone.now() + timedelta(days=90)):
        with pytest.raises(Refused, match="请取消这次计划；以后又走访的，另行登记"):
            visiting.complete(actor, visit=visit, at=time(23, 59))
        with pytest.raises(Refused, match="请取消这次计划；以后又走访的，另行登记"):
            visiting.change_day(actor, visit=visit, on=timezone.localdate())
        with pytest.raises(Refused, match="15 天内补记"):
            visiting.add_stops(actor, visit=visit, targets=[Target(employer=world.employers["beta"])])
        assert state(duty) == "open"
        visiting.cancel(actor, visit=visit, reason="没有去")
        visited(world, "chair_alpha", "alpha", duty)
    assert state(duty) == "late"


def test_nothing_is_offered_of_an_old_plan_but_to_cancel_it(world: World, signed_in: SignIn) -> None:
    visit = planned(world)
    client, page = signed_in("chair_alpha"), reverse("desk_visit", args=[visit.pk])
    names = ("done", "day", "stops", "cancel")
    links = {name: reverse(f"desk_visit_{name}", args=[visit.pk]) for name in names}

    def offered() -> list[str]:
        html = client.get(page).content.decode()
        return [name for name, address in links.items() if f'"{address}"' in html]

    assert offered() == list(names)
    on = timezone.localdate() - timedelta(days=16)
    Visit.objects.everywhere(reason=WHY).filter(pk=visit.pk).update(on=on)
    assert offered() == ["cancel"]


def test_nor_does_one_who_is_added_months_later(world: World) -> None:
    duty, (actor, _) = scene.duty(world), scene.chair(world)
    visit = planned(world)
    family = [Target(person=world.people["alpha_2"])]
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        visiting.complete(actor, visit=visit)
    with (
        time_machine.travel(timezone.now() + timedelta(days=16)),
        pytest.raises(Refused, match="15 天内补记"),
    ):
        visiting.add_stops(actor, visit=visit, targets=family)
    assert state(duty) == "open"
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        visiting.add_stops(actor, visit=visit, targets=family)
    assert state(duty) == "met"


def test_who_has_to_go_does_not_void_it(world: World, signed_in: SignIn) -> None:
    duty = street_s(world)
    assert duty.owner == world.accounts["pier_officer"]
    with pytest.raises(Refused, match="请由上级工会撤销"):
        duties.void(world.actor("pier_officer"), duty=duty, reason="不想去")
    address = reverse("desk_visit_duty_void", args=[duty.pk])
    page = reverse("desk_visit_duty", args=[duty.pk])
    assert address not in signed_in("pier_officer").get(page).content.decode()
    assert address in signed_in("leader").get(page).content.decode()
    assert duties.void(world.actor("leader"), duty=duty, reason="重复登记").state == "void"


def test_nor_when_he_is_of_the_union_above_or_has_another_account(world: World) -> None:
    duty = duties.assign(
        world.actor("chair_alpha"), duty=scene.duty(world), account=world.accounts["pier_officer"]
    )
    for who in ("pier_officer", "leader"):
        DeskIdentity.objects.create(
            account=world.accounts[who], person=world.people["outsider"], named_by=WHY
        )
        with pytest.raises(Refused, match="请由上级工会撤销"):
            duties.void(world.actor(who), duty=duty, reason="不想去")
    done = duties.void(world.actor("transport_officer"), duty=duty, reason="重复登记")
    assert done.state == "void", "the industry's union stands above it as well"


def test_at_the_top_another_officer_voids_it(world: World) -> None:
    province = world.unions["province"]
    duty = duties.open_duty(
        world.actor("province_officer"), trouble="trouble", key="top:1", source="手工登记",
        because="职工停工讨薪。", organisation=province, employer=world.employers["beta"],
    )  # fmt: skip
    assert duty is not None
    with pytest.raises(Refused, match="请由上级工会撤销"):
        duties.void(world.actor("province_officer"), duty=duty, reason="不想去")
    Grant.objects.create(
        account=world.accounts["gorge_officer"], role="officer", line="general", organisation=province,
        period=DateRange(SINCE, None), granted_by=WHY,
    )  # fmt: skip
    assert duties.void(world.actor("gorge_officer"), duty=duty, reason="重复登记").state == "void"


def visited(world: World, who: str, union: str, duty: VisitDuty) -> Visit:
    """A visit for the duty, made now by a cadre of a union."""
    return visiting.plan(
        world.actor(who), organisation=world.unions[union], kind="call", on=timezone.localdate(),
        participants=[world.accounts[who]], done=True, duty=duty,
    )  # fmt: skip


def test_a_visit_of_either_line_meets_it(world: World) -> None:
    for who, union in (("transport_officer", "transport"), ("pier_officer", "pier")):
        duty = scene.duty(world, key=f"line:{union}")
        visited(world, who, union, duty)
        assert state(duty) == "met"


def test_one_of_another_line_is_not_made_for_it(world: World) -> None:
    duty = scene.duty(world)
    with pytest.raises(Refused, match="江城安达快递有限公司工会委员会负责") as refusal:
        visited(world, "chair_gamma", "gamma", duty)
    assert refusal.value.field == "organisation"
    assert state(duty) == "open"
