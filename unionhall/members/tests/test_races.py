"""Two hands on one person at the same moment: one wins, the other is refused in words."""

from collections.abc import Callable
from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world import World, resident_id
from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.kit.periods import Period, has_overlap
from unionhall.members import actions
from unionhall.members.models import Membership, Person

WHY = "test"
ON = date(2024, 5, 1)


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What each call answered or raised, all started together, each on its own connection."""
    barrier = Barrier(len(calls))
    results: list[object] = [None] * len(calls)

    def run(place: int, call: Callable[[], object]) -> None:
        barrier.wait()
        try:
            results[place] = call()
        except Exception as raised:  # the test looks at it
            results[place] = raised
        finally:
            connection.close()

    threads = [Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
def test_two_admissions_of_one_person(world: World) -> None:
    person = world.people["outsider"]
    results = at_once(
        *(
            lambda union=union: actions.admit(
                system_actor(), person=person, organisation=world.unions[union], on=ON
            )
            for union in ("alpha", "beta")
        )
    )
    (refusal,) = (found for found in results if isinstance(found, Refused))
    assert "会籍转接" in str(refusal)
    assert Membership.objects.everywhere(reason=WHY).current().filter(person=person).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_registrations_of_one_document(world: World) -> None:
    number = resident_id(date(1991, 2, 3), "2", 44)
    results = at_once(
        *(
            lambda: actions.register_person(system_actor(), name="田甜", id_type="01", id_number=number)
            for _ in range(2)
        )
    )
    assert [str(found) for found in results if isinstance(found, Exception)] == [
        "该证件号码已经登记过。请按证件号码查找，不要重复登记。"
    ]


@pytest.mark.django_db(transaction=True)
def test_two_ends_and_a_move(world: World) -> None:
    membership = world.memberships["beta_1"]
    results = at_once(
        lambda: actions.end(
            system_actor(), membership=membership, on=ON, exit="withdrawal", reason="本人申请"
        ),
        lambda: actions.move(system_actor(), membership=membership, destination=world.unions["alpha"], on=ON),
    )
    assert sum(isinstance(found, Refused) for found in results) == 1


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["admit", "move", "retain", "resume", "end", "relocate"]),
        st.sampled_from(["alpha", "beta", "gamma"]),
        st.integers(-20, 2200),
    ),
    max_size=10,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_tried_periods_stay_whole(world: World, steps: list[tuple[str, str, int]]) -> None:
    """Any order of verbs on any days: no overlap, never before the union existed, at most one open, none empty."""
    from django.db import transaction

    rows = Membership.objects.everywhere(reason=WHY)
    with transaction.atomic():
        person = Person.objects.everywhere(reason=WHY).get(pk=world.people["outsider"].pk)
        for verb, union, offset in steps:
            on = date(2020, 1, 1) + timedelta(days=offset)
            present = rows.current().filter(person=person).first()
            try:
                _try(verb, world, union, on, person, present)
            except Refused:
                continue
        found = [
            (row.period.lower, row.period.upper, row.organisation.existence.lower)
            for row in rows.filter(person=person).select_related("organisation")
        ]
        assert all(since >= existed for since, _, existed in found)
        assert all(until is None or until > since for since, until, _ in found)
        assert not has_overlap(Period(since, until) for since, until, _ in found)
        assert sum(until is None for _, until, _ in found) <= 1
        transaction.set_rollback(True)


def _try(verb: str, world: World, union: str, on: date, person: Person, present: Membership | None) -> None:
    actor, there = system_actor(), world.unions[union]
    if verb == "admit" or present is None:
        actions.admit(actor, person=person, organisation=there, on=on)
    elif verb == "move":
        actions.move(actor, membership=present, destination=there, on=on)
    elif verb == "retain":
        actions.retain(actor, membership=present, on=on, reason="退休")
    elif verb == "resume":
        actions.resume(actor, membership=present, on=on, reason="再就业")
    elif verb == "end":
        actions.end(actor, membership=present, on=on, exit="withdrawal", reason="本人申请")
    elif present.organisation_id != there.pk:
        actions.relocate(actor, origin=present.organisation, destination=there, on=on, person_ids=[person.pk])
