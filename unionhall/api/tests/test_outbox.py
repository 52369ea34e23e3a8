"""Events: written with the action or not at all, without personal data, and told to those whom they concern."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from tests.world import World
from unionhall.api import actions
from unionhall.api.events import ANNOUNCED, EVENTS, places_of
from unionhall.api.models import Endpoint
from unionhall.api.scopes import Scope
from unionhall.api.webhooks import delivering
from unionhall.foundation.actors import system_actor
from unionhall.members.actions import end, move, relocate
from unionhall.members.tests import intake_files as make
from unionhall.members.tests.intake_steps import checked, committed, undone
from unionhall.organisations import actions as tree
from unionhall.organisations.actions import rename
from unionhall.records import outbox
from unionhall.records.models import OutboxEvent

from .clients import WHY, Caller, issued
from .receiver import Receiver
from .webhooks import NOW, deliveries, events, listening, suspend


def test_an_event_is_written_with_its_action_or_not_at_all(world: World) -> None:
    with transaction.atomic():
        suspend(world)
        assert [one.type for one in events()] == ["card.suspended"]
        transaction.set_rollback(True)
    assert events() == []


def test_memberships_tell_codes_and_days(world: World) -> None:
    today = NOW()
    alpha, beta = world.unions["alpha"], world.unions["beta"]
    moved = move(
        system_actor(),
        membership=world.memberships["alpha_1"],
        destination=beta,
        on=today - timedelta(days=2),
    )
    end(system_actor(), membership=moved, exit="death", on=today, reason="因病去世")
    told = {one.type: one for one in events()}
    assert told["membership.moved"].data == {
        "person": world.people["alpha_1"].pk, "organisation": beta.code, "from": alpha.code,
        "on": (today - timedelta(days=2)).isoformat(),
    }  # fmt: skip
    assert told["membership.moved"].former_path == alpha.path
    assert told["membership.ended"].data["on"] == today.isoformat()
    assert "death" not in str(told["membership.ended"].data), "why is nobody's business"
    assert "card.revoked" in told


def test_a_roster_of_many_is_one_event(world: World, tmp_path: Path) -> None:
    batch = committed(checked(world, make.text(tmp_path / "r.csv", make.roster(40))))
    assert [(one.type, one.data["new"]) for one in events()] == [("roster.committed", 40)]
    undone(batch)
    assert [one.type for one in events()] == ["roster.committed", "roster.undone"]


def test_data_carries_nothing_personal(world: World, tmp_path: Path) -> None:
    """Each field that an event has is declared, and holds an id, a code, a day or a count."""
    move(system_actor(), membership=world.memberships["alpha_1"], destination=world.unions["beta"], on=NOW())
    suspend(world, "beta_1")
    rename(system_actor(), organisation=world.unions["beta"], name="江城博远科技公司工会委员会", on=NOW())
    committed(checked(world, make.text(tmp_path / "r.csv", make.roster(2))))
    found = events()
    assert len(found) >= 4
    for one in found:
        names = {"member" if name == "person" else name for name in one.data}
        assert names == set(EVENTS[one.type].fields), one.type
        assert all(isinstance(value, int) or str(value).isascii() for value in one.data.values())


def test_every_announced_action_and_type_is_declared() -> None:
    from unionhall.records.verbs import label_of

    assert {type_ for type_, _ in ANNOUNCED.values()} == set(EVENTS)
    assert all("·" not in label_of(action) for action in ANNOUNCED), "an action that nobody journals"


def test_who_hears_of_it(world: World, there: Receiver) -> None:
    """The branch, the one above and those it left, in both chains; no neighbour, none without scope or subscription."""
    heard = {
        "east": listening(world, there, "east")[0],
        "river": listening(world, there, "river_city")[0],
        "left": listening(world, there, "alpha")[0],
        "industry": listening(world, there, "transport", by="river_officer")[0],
    }
    listening(world, there, "gorge_city")
    listening(world, there, "east", name="没有权限", scopes=[Scope.ORGANISATIONS_READ])
    listening(world, there, "east", name="没有订阅", events=["card.revoked"])
    stopped = listening(world, there, "east", name="停止")[0]
    Endpoint.objects.everywhere(reason=WHY).filter(pk=stopped.pk).update(disabled_at=timezone.now())
    over = listening(world, there, "east", name="停用")[0]
    actions.revoke(world.actor("province_officer"), client=over.client, reason="到期")
    move(system_actor(), membership=world.memberships["alpha_1"], destination=world.unions["beta"], on=NOW())
    assert delivering.fan_out() == 1
    assert {one.endpoint_id for one in deliveries()} == {one.pk for one in heard.values()}
    assert delivering.fan_out() == 0, "once"
    suspend(world, "alpha_2")  # alpha stands in the industry's chain too
    delivering.fan_out()
    assert {one.endpoint_id for one in deliveries() if one.event.type == "card.suspended"} == {
        one.pk for one in heard.values()
    }


def said_to(world: World, union: str, event: OutboxEvent) -> dict[str, Any]:
    """The data as a client of a union is told it; it hears of the event, and can read each code that it is told."""
    client, token = issued(world, union, name=f"{union} {event.key}")
    assert delivering.concerns(client, event)
    data = json.loads(delivering.body_of(event, client, places_of([event])))["data"]
    for name in EVENTS[event.type].elsewhere:
        if data[name]:
            assert Caller(token).get(f"/organisations/{data[name]}").status_code == 200
    return {name: value for name, value in data.items() if name not in ("member", "on", "count")}


def test_a_membership_that_crosses_the_border_names_the_union_inside_alone(world: World) -> None:
    beta, delta = world.unions["beta"].code, world.unions["delta"].code
    move(system_actor(), membership=world.memberships["beta_1"], destination=world.unions["delta"], on=NOW())
    relocate(
        system_actor(), origin=world.unions["beta"], destination=world.unions["delta"], on=NOW(),
        person_ids=[world.people["beta_2"].pk],
    )  # fmt: skip
    found = [one for one in events() if one.type in ("membership.moved", "membership.relocated")]
    assert len(found) == 2
    for event in found:
        assert said_to(world, "beta", event) == {"organisation": None, "from": beta}
        assert said_to(world, "gorge_city", event) == {"organisation": delta, "from": None}
        assert said_to(world, "province", event) == {"organisation": delta, "from": beta}


def test_a_union_that_crosses_the_border_does_not_say_where_it_went(world: World) -> None:
    beta, dam = world.unions["beta"], world.unions["dam"]
    tree.move(system_actor(), organisation=beta, parent=dam, on=NOW())
    (event,) = [one for one in events() if one.type == "organisation.moved"]
    told = {"organisation": beta.code, "chain": "region"}
    assert said_to(world, "pier", event) == told | {"under": None}
    assert said_to(world, "gorge_city", event) == told | {"under": dam.code}
    out = outbox.publish("organisation.moved", paths=(dam.path,), data=told | {"under": ""})
    assert said_to(world, "gorge_city", out) == told | {"under": ""}, "it left its chain"


def test_a_union_that_went_up_in_another_far_away_does_not_name_it(world: World) -> None:
    gamma, delta = world.unions["gamma"], world.unions["delta"]
    tree.merge(system_actor(), organisation=gamma, into=delta, on=NOW(), document="合并")
    (event,) = [one for one in events() if one.type == "organisation.merged"]
    assert said_to(world, "west", event) == {"organisation": gamma.code, "into": None}
    assert said_to(world, "province", event) == {"organisation": gamma.code, "into": delta.code}


@pytest.mark.parametrize("count", [1, 3])
def test_whom_an_event_names_is_asked_once_for_all_of_a_round(
    world: World, count: int, django_assert_num_queries: Any
) -> None:
    beta, delta = world.unions["beta"].code, world.unions["delta"].code
    rows = [
        outbox.publish("membership.moved", paths=("1",), data={"organisation": beta, "from": delta})
        for _ in range(count)
    ]
    with django_assert_num_queries(1):
        assert set(places_of(rows)) == {beta, delta}
