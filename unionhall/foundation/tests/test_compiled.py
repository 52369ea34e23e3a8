"""Statements written once answer what the queryset answers, for each call its own; and a lost connection is noticed."""

from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import Exists, FilteredRelation, OuterRef, Q

from tests.world import World
from unionhall.foundation.compiled import LARGEST, Compiled, Given, Reader
from unionhall.members.models import Card, Membership, Person

WHY = "a test"


def people(world: World) -> list[Person]:
    return list(Person.objects.everywhere(reason=WHY).order_by("pk"))


def test_rows_are_those_of_the_queryset_for_each_call(world: World) -> None:
    def rows(person: Any) -> Any:
        good = Card.objects.everywhere(reason=WHY).filter(
            person=OuterRef("person"), status=Card.Status.ACTIVE
        )
        found = Membership.objects.everywhere(reason=WHY).filter(person=person)
        return found.select_related("person", "organisation").annotate(good=Exists(good)).order_by("-period")

    kept = Compiled(lambda: rows(Given("person")))
    for person in people(world):
        plain, once = list(rows(person)), kept(person=person.pk)
        assert [row.__dict__.keys() for row in once] == [row.__dict__.keys() for row in plain]
        for left, right in zip(once, plain, strict=True):
            for field in Membership._meta.concrete_fields:
                assert getattr(left, field.attname) == getattr(right, field.attname)
            assert (left.good, left.organisation, left.person) == (
                right.good,
                right.organisation,
                right.person,
            )
            assert left.person.id_number.reveal() == right.person.id_number.reveal()


def test_what_is_joined_and_missing_is_left_out(world: World) -> None:
    kept = Compiled(
        lambda: (
            Person.objects.everywhere(reason=WHY)
            .filter(pk=Given("person"))
            .annotate(lost=FilteredRelation("cards", condition=Q(cards__status="nothing")))
            .select_related("lost")  # type: ignore[misc]
        )
    )
    (found,) = kept(person=people(world)[0].pk)
    assert not hasattr(found, "lost")  # as Django leaves it


def test_a_fixed_scope_holds_and_nobodys_scope_is_empty(world: World) -> None:
    everyone = list(Membership.objects.everywhere(reason=WHY).current())
    place = everyone[0].path
    assert any(not row.path.startswith(place) for row in everyone)
    kept = Compiled(lambda: Membership.objects.visible_to(Reader(place)).current())
    wanted = {row.pk for row in everyone if place in (row.path[: len(place)], row.second_path[: len(place)])}
    assert {row.pk for row in kept()} == wanted
    assert Compiled(lambda: Membership.objects.visible_to(Reader()))() == []


def test_owned_rows_are_those_of_the_account_of_the_call(world: World) -> None:
    kept = Compiled(lambda: Membership.objects.owned_by(Reader()).order_by("pk"))
    for person in people(world):
        if person.account_id is not None:
            assert {row.person_id for row in kept(account=person.account_id)} <= {person.pk}
    assert kept(account=0) == []


def test_no_number_makes_the_register_be_read(world: World) -> None:
    kept = Compiled(lambda: Person.objects.everywhere(reason=WHY).filter(pk=Given("person")))
    assert kept(person=LARGEST) == kept(person=LARGEST + 1) == []


def test_the_statement_is_prepared_when_it_comes_again(world: World) -> None:
    kept = Compiled(
        lambda: (
            Person.objects.everywhere(reason=WHY)
            .filter(pk=Given("person"))
            .values_list("member_number", flat=True)
        )
    )
    for person in people(world)[:1] * 6:
        assert kept(person=person.pk) == [person.member_number]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", ["%member_number%"]
        )
        assert cursor.fetchone()[0] >= 1


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_replaced_and_a_good_one_is_asked_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other: Any = connections.create_connection("default")
    try:
        other.ensure_connection()
        pid = other.connection.info.backend_pid
        other.health_check_enabled, other.health_check_done = True, False
        with monkeypatch.context() as patched:
            patched.setattr(other, "is_usable", lambda: pytest.fail("a quiet connection is asked nothing"))
            other.close_if_health_check_failed()
        assert other.connection is not None

        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        other.health_check_done = False
        other.close_if_health_check_failed()
        assert other.connection is None
        with other.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        other.close()
