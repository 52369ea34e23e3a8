"""Cover starts with the card, on the card's day, and ends with it; sweeps and single cards come to the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from tests.world import World
from unionhall.benefits.actions import cover_enrolment, cover_rolls
from unionhall.benefits.actions.cover_claims import start
from unionhall.benefits.actions.cover_enrolment import enrol, sweep
from unionhall.benefits.models import CoverChange, CoverEnrolment
from unionhall.benefits.schemes import CoverScheme
from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.members.actions import admit, end, replace_card, revoke_card
from unionhall.members.models import Card, Membership, Person
from unionhall.rulebook import reload, versions

WHY = "test"
SYSTEM = system_actor()
TODAY = timezone.localdate()
ALL = {"cover_accident", "cover_women", "cover_third"}
START = date(2026, 1, 1)


def covers(person: Person, **only: Any) -> dict[str, DateRange]:
    rows = CoverEnrolment.objects.everywhere(reason=WHY).filter(person=person, **only)
    return dict(rows.order_by("pk").values_list("programme", "period"))


def card_of(person: Person) -> Card:
    return Card.objects.everywhere(reason=WHY).exclude(status="revoked").get(person=person)


def test_everyone_with_a_card_is_enrolled_once_as_of_the_card(world: World) -> None:
    Card.objects.everywhere(reason=WHY).filter(person=world.people["beta_1"]).update(
        issued_on=date(2026, 3, 9)
    )
    first = sweep()
    women = sum(person.sex == "2" for key, person in world.people.items() if key != "outsider")
    assert (first.enrolled, first.ended) == (2 * 7 + women, 0)
    # The card is older than the scheme: cover begins with the scheme; else with the card, whenever this runs.
    assert covers(world.people["alpha_2"]) == dict.fromkeys(sorted(ALL), DateRange(START, None))
    assert covers(world.people["beta_1"])["cover_third"] == DateRange(date(2026, 3, 9), None)
    assert "cover_women" not in covers(world.people["beta_1"])
    assert covers(world.people["outsider"]) == {}
    again = sweep()
    assert (again.enrolled, again.ended) == (0, 0)


def test_admission_brings_cover_in_the_same_transaction(world: World) -> None:
    person = world.people["outsider"]
    admit(SYSTEM, person=person, organisation=world.unions["alpha"], on=TODAY - timedelta(days=3))
    assert covers(person) == dict.fromkeys(
        ["cover_accident", "cover_third"], DateRange(TODAY - timedelta(days=3), None)
    )


def test_next_day_where_the_scheme_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CoverScheme, "wait_days", 1)
    admit(SYSTEM, person=world.people["outsider"], organisation=world.unions["alpha"], on=TODAY)
    assert covers(world.people["outsider"])["cover_third"] == DateRange(TODAY + timedelta(days=1), None)


def test_the_last_day_of_membership_is_still_covered(world: World) -> None:
    sweep()
    person, on = world.people["alpha_1"], TODAY - timedelta(days=2)
    end(SYSTEM, membership=world.memberships["alpha_1"], on=on, exit=Membership.Exit.DEATH, reason="死亡")
    rows = CoverEnrolment.objects.everywhere(reason=WHY).filter(person=person)
    assert {(row.period.upper, row.ending) for row in rows} == {(on + timedelta(days=1), "membership")}
    assert all(row.standing_on(on) == "effective" for row in rows)
    assert CoverChange.objects.everywhere(reason=WHY).filter(kind="ended").count() == 2


def test_a_revoked_card_ends_it_and_a_new_one_goes_on_without_overlap(world: World) -> None:
    sweep()
    person = world.people["alpha_1"]
    revoke_card(SYSTEM, card=card_of(person), reason="遗失")
    assert covers(person)["cover_third"] == DateRange(START, TODAY + timedelta(days=1))
    Card.objects.create(person=person, number="4201039999999999", issued_on=TODAY)
    assert sweep(everyone=False).enrolled == 2
    assert covers(person, period__upper_inf=True)["cover_third"] == DateRange(TODAY + timedelta(days=1), None)


def test_a_replaced_card_changes_nothing(world: World) -> None:
    sweep()
    before = covers(world.people["alpha_1"])
    replace_card(SYSTEM, card=card_of(world.people["alpha_1"]))
    assert covers(world.people["alpha_1"]) == before
    assert sweep().ended == 0


def test_sweep_ends_what_nobody_told_of(world: World) -> None:
    sweep()
    now = timezone.now()
    Card.objects.everywhere(reason=WHY).filter(person=world.people["beta_1"]).update(
        status="revoked", revoked_at=now
    )
    assert sweep().ended == 2
    assert covers(world.people["beta_1"])["cover_third"].upper == timezone.localdate(now) + timedelta(days=1)


def test_a_scheme_that_stops_ends_its_covers_on_its_day(world: World) -> None:
    sweep()
    with stopped("cover_third", TODAY):
        done = sweep()
    assert done.ended == 7
    row = CoverEnrolment.objects.everywhere(reason=WHY).get(
        person=world.people["alpha_1"], programme="cover_third"
    )
    assert (row.period.upper, row.ending) == (TODAY, "scheme")


def test_card_days_that_were_over_before_the_first_sweep_are_covered(world: World) -> None:
    """Issued in March, replaced in April, the membership ended in May; nobody had been enrolled until June."""
    person = _left_in_may(world)
    done = sweep()
    rows = CoverEnrolment.objects.everywhere(reason=WHY).filter(person=person, programme="cover_third")
    assert [(row.period, row.ending) for row in rows.order_by("pk")] == [
        (DateRange(date(2026, 3, 9), date(2026, 4, 11)), "card"),
        (DateRange(date(2026, 4, 11), date(2026, 5, 13)), "membership"),
    ]
    women = sum(one.sex == "2" for one in world.people.values())
    assert (done.enrolled, done.ended) == (2 * 6 + women + 4, 4)
    assert set(covers(person)) == {"cover_accident", "cover_third"}
    assert CoverChange.objects.everywhere(reason=WHY).filter(enrolment__in=rows, kind="ended").count() == 2
    again = sweep()
    assert (again.enrolled, again.ended) == (0, 0)
    asked = cover_rolls.ask(world.actor("province_officer"), programme="cover_third", month=TODAY)
    roll = cover_rolls.make(asked.pk)
    assert (roll.additions, roll.ends, roll.closing) == (6 + 2, 2, 6)


def test_a_claim_opens_the_cover_of_days_that_no_sweep_has_seen(world: World) -> None:
    person, there = _left_in_may(world), world.actor("chair_beta")
    facts: dict[str, Any] = {"person": person, "programme": "cover_third", "peril": "illness_death"}
    with pytest.raises(Refused, match="不在保障期内：保障自 2026-04-11 起，2026-05-13 起终止"):
        start(there, event_on=date(2026, 5, 13), **facts)
    claim = start(there, event_on=date(2026, 5, 12), **facts)
    assert (claim.enrolment.ending, sweep().ended) == ("membership", 0)


def _left_in_may(world: World) -> Person:
    person = world.people["beta_1"]
    cards = Card.objects.everywhere(reason=WHY).filter(person=person)
    cards.update(issued_on=date(2026, 3, 9), status="revoked", revoked_at=_noon(date(2026, 4, 10)))
    Card.objects.create(
        person=person, number="4201039999999999", issued_on=date(2026, 4, 10), status="revoked",
        revoked_at=_noon(date(2026, 5, 20)),
    )  # fmt: skip
    Membership.objects.everywhere(reason=WHY).filter(person=person).update(
        period=DateRange(date(2020, 1, 1), date(2026, 5, 12)), exit="death"
    )
    return person


def test_the_days_of_a_card_replaced_before_the_first_sweep_join_those_of_the_new_one(world: World) -> None:
    person, issued = world.people["alpha_2"], date(2026, 3, 9)
    Card.objects.everywhere(reason=WHY).filter(person=person).update(issued_on=issued)
    replace_card(SYSTEM, card=card_of(person))
    sweep()
    rows = CoverEnrolment.objects.everywhere(reason=WHY).filter(person=person, programme="cover_women")
    assert {row.period for row in rows} == {DateRange(issued, TODAY), DateRange(TODAY, None)}


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


@contextmanager
def stopped(code: str, day: date) -> Iterator[None]:
    """The shipped version of 42 ends on a day."""
    (version,) = [one for one in versions(code) if one.jurisdiction == "42"]
    object.__setattr__(version, "ends", day)
    try:
        yield
    finally:
        reload()


def test_two_at_once_are_refused_by_the_table(world: World) -> None:
    enrol([world.people["alpha_1"].pk])
    with pytest.raises(IntegrityError, match="cover_one_at_a_time"), transaction.atomic():
        CoverEnrolment.objects.create(
            person=world.people["alpha_1"], programme="cover_third", period=DateRange(TODAY, None)
        )


def test_the_first_run_fills_the_table_bare_to_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sweep()
    rows = CoverEnrolment.objects.everywhere(reason=WHY)
    columns = ("person", "programme", "period")
    ordinary = sorted(map(str, rows.values_list(*columns)))
    rows.delete()
    monkeypatch.setattr(cover_enrolment, "WORTH", 1)
    assert sweep().enrolled == len(ordinary)
    assert sorted(map(str, rows.values_list(*columns))) == ordinary
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_constraint WHERE conname = 'cover_one_at_a_time'")
        assert cursor.fetchone() == (1,)


def test_the_work_of_a_sweep_does_not_grow_with_people(
    world: World, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(40):
        sweep()
