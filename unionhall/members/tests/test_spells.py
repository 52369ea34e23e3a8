"""Spells of a person: whatever is written, the database lets no two overlap, and takes every true history."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.world import World
from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.members.actions import memberships
from unionhall.members.models import Employment, Membership, Person

FIRST = date(2020, 1, 1)
WHY = "test"
Row = tuple[int, int | None, int | None]  # begins, ended, follows: days after FIRST


def day(number: int | None) -> date | None:
    return None if number is None else FIRST + timedelta(days=number)


@pytest.fixture
def person(world: World) -> Person:
    """Somebody without employments."""
    found = world.people["alpha_1"]
    rows().filter(person=found).delete()
    return found


def rows() -> ScopedQuerySet[Employment]:
    return Employment.objects.everywhere(reason=WHY)


@contextmanager
def judged() -> Iterator[None]:
    """What stands in the block is judged by the database as at COMMIT, and gone afterwards."""
    with transaction.atomic():
        yield
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        transaction.set_rollback(True)


def write(person: Person, *given: Row) -> None:
    for begins, ended, follows in given:
        Employment.objects.create(
            person=person, period=DateRange(day(begins), day(ended)), follows=day(follows)
        )


def taken(person: Person, *given: Row) -> bool:
    try:
        with judged():
            write(person, *given)
    except IntegrityError as refusal:
        if "employment_one_at_a_time" not in str(refusal):
            raise
        return False
    return True


def is_chain(given: list[Row]) -> bool:
    """The law, in Python: in the order of time each follows the end of the one before it, and the first nothing."""
    before: int | None = None
    for place, (begins, ended, follows) in enumerate(sorted(given, key=lambda row: row[0])):
        if (place > 0 and before is None) or follows != before or begins < (follows or 0):
            return False
        if ended is not None and ended <= begins:
            return False
        before = ended
    return True


DAYS = st.integers(0, 6)
ROWS = st.lists(st.tuples(DAYS, st.none() | DAYS, st.none() | DAYS), min_size=1, max_size=4)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(given=[(0, 2, None), (2, 3, 2), (5, None, 3)])
@example(given=[(0, 2, None), (1, None, None)])
@example(given=[(0, 2, None), (2, 3, 2), (2, 4, 2)])
@example(given=[(3, 4, 4), (0, 2, 2)])
@example(given=[(0, 5, None), (3, None, 2)])
@given(given=ROWS)
def test_only_chains_are_taken(person: Person, given: list[Row]) -> None:
    # An end before its beginning is no range at all: PostgreSQL refuses to read it.
    given = [row for row in given if row[1] is None or row[1] >= row[0]]
    assert taken(person, *given) == is_chain(given)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), min_size=1, max_size=5),
    open_=st.booleans(),
)
def test_every_history_is_taken_whatever_the_order_of_writing(
    person: Person, steps: list[tuple[int, int]], open_: bool
) -> None:
    given: list[Row] = []
    at: int | None = None
    for place, (pause, length) in enumerate(steps):
        begins = (at or 0) + pause
        last = open_ and place == len(steps) - 1
        given.append((begins, None if last else begins + length, at))
        at = begins + length
    assert taken(person, *given)
    assert taken(person, *reversed(given))


def test_what_is_followed_stays(person: Person) -> None:
    write(person, (0, 2, None), (2, 4, 2), (4, None, 4))
    first, middle, last = rows().filter(person=person).order_by("period")
    assert (first.ended, middle.follows, last.ended) == (day(2), day(2), None)
    for change in (
        lambda: rows().filter(pk=middle.pk).delete(),
        lambda: rows().filter(pk=first.pk).update(period=DateRange(day(0), day(1))),
        lambda: rows().filter(pk=last.pk).update(follows=day(2)),
        lambda: rows().filter(pk=middle.pk).update(period=DateRange(day(2), None)),
    ):
        with pytest.raises(IntegrityError, match="employment_one_at_a_time"), judged():
            change()
    with judged():  # an undone last spell: it goes, and the one before it is open again
        rows().filter(pk=last.pk).delete()
        rows().filter(pk=middle.pk).update(period=DateRange(day(2), None))
    with judged():  # in the middle, for whoever has to: the new one, and what the next one follows
        rows().filter(pk=last.pk).update(follows=day(5), period=DateRange(day(6), None))
        write(person, (4, 5, 4))


def test_who_left_is_admitted_again_from_the_day_of_leaving_on(world: World) -> None:
    officer, union = system_actor(), world.unions["alpha"]
    held = Membership.objects.everywhere(reason=WHY).current().filter(organisation=union).order_by("pk")[0]
    person, left = held.person, timezone.localdate() - timedelta(days=3)
    memberships.end(officer, membership=held, on=left, exit=Membership.Exit.WITHDRAWAL, reason=WHY)
    with pytest.raises(Refused, match="已有会籍"):
        memberships.admit(officer, person=person, organisation=union, on=left - timedelta(days=1))
    again = memberships.admit(officer, person=person, organisation=union, on=left)
    assert again.follows == left
