"""Statements written once answer what the queryset answers, for each call its own; and a lost connection is noticed."""

from typing import Any

import pytest
from django.db import DataError, connection, connections, transaction
from django.db.models import Exists, FilteredRelation, OuterRef, Q

from tests.world import World
from unionhall.foundation.compiled import LARGEST, Compiled, Given, Reader, asked, together
from unionhall.foundation.engine.base import preparing
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


def test_kept_statements_survive_what_psycopg_takes_back(world: World) -> None:
    """A rollback makes psycopg discard every prepared statement of the connection."""
    rows = Person.objects.everywhere(reason=WHY)
    kept = Compiled(lambda: rows.filter(pk=Given("person")).values_list("member_number", flat=True))
    person = people(world)[0]
    again = [person.member_number]
    for _ in range(3):
        assert kept(person=person.pk) == again
    with preparing(connection), connection.cursor() as cursor:
        for _ in range(5):
            cursor.execute("SELECT %s::int", [1])
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE gone (n int)")
        cursor.execute("DROP TABLE gone")
    assert [kept(person=person.pk) for _ in range(3)] == [again] * 3


def test_questions_put_together_answer_as_if_asked_alone(world: World) -> None:
    """In one go, each counted, whatever else stands in the transaction."""
    persons = people(world)
    by_key = Compiled(lambda: Person.objects.everywhere(reason=WHY).filter(pk=Given("person")))
    cards = Compiled(
        lambda: Card.objects.everywhere(reason=WHY).filter(person=Given("person")).order_by("pk")
    )
    statements: list[str] = []

    def counted(execute: Any, sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    for person in persons[:4]:
        asks = by_key.ask(person=person.pk), cards.ask(person=person.pk), asked("SELECT %s::text", ["甲"])
        statements.clear()
        with connection.execute_wrapper(counted):
            together(*asks)
            found = [ask.get() for ask in asks]
        assert len(statements) == 3
        assert found[0] == [person]
        assert found[2] == [("甲",)]
        assert found[1] == list(Card.objects.everywhere(reason=WHY).filter(person=person).order_by("pk"))


def test_a_mistake_among_them_is_told_and_leaves_the_connection_whole(world: World) -> None:
    right, wrong = asked("SELECT %s::int", [1]), "SELECT 1 / %s::int"
    for _ in range(2):
        asked(wrong, [1]).get(), asked("SELECT %s::int", [1]).get()
    with pytest.raises(DataError), transaction.atomic():
        together(right, asked(wrong, [0]))
    assert asked("SELECT %s::int", [1]).get() == [(1,)]


@pytest.mark.parametrize("text", ["", 'a"b\\c', "{甲,乙}", "NULL"])
def test_lists_of_texts_arrive_as_they_are(world: World, text: str) -> None:
    for _ in range(3):
        assert asked("SELECT %s::text[]", [[text, "x"]]).get() == [([text, "x"],)]
