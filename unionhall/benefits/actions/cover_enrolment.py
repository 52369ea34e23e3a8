"""Cover starts with the card and ends with it: set by set for everyone, in the card's own transaction for one person.

Which day a cover starts on depends on the card and the scheme, never on when this ran: a late job loses nobody a day.
"""

# ruff: noqa: S608 - statements are put together from our own table names; every value is a parameter
from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor, system_actor
from unionhall.foundation.bare import bare, can_be_bared
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal
from unionhall.rulebook import conditions, eligibility
from unionhall.rulebook.actions import record_use
from unionhall.rulebook.versions import Version

from ..models import CoverEnrolment
from ..schemes.cover import PROGRAMMES, CoverScheme
from .cover_past import enrol_past

__all__ = ["Enrolled", "card_versions", "enrol", "follow", "sweep", "take_turn"]

#: Persons per statement: memory and locks stay the same however many there are.
CHUNK = 250_000
#: Cards that the frequent run looks at: more than are issued in a day; rosters ask for a run of their own.
RECENT = 20_000
#: Persons that are enrolled by name at once.
FEW = 1_000
#: From so many cards on, an empty table is filled bare.
WORTH = 100_000
#: Facts that do not change with time: who meets conditions on these alone met them when the card was issued.
LASTING = frozenset({"membership.member", "card.active", "person.sex"})
_LOCK = "SELECT pg_advisory_xact_lock{}(hashtextextended(current_schema() || '.benefits.cover', 0))"
_TABLE = CoverEnrolment._meta.db_table


#: By programme: the versions in force, of one area each.
Versions = dict[str, list[Version[CoverScheme]]]


@dataclass(frozen=True)
class Enrolled:
    """What a run did."""

    enrolled: int = 0
    ended: int = 0
    programmes: tuple[str, ...] = ()


def take_turn(*, alone: bool = False) -> None:
    """Whoever writes enrolments shares a lock that whoever draws the line for a roll takes alone."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK.format("" if alone else "_shared"))


def card_versions(on: date) -> Versions:
    """Programmes whose cover comes with the card: the versions in force on a day."""
    found = {}
    for code in PROGRAMMES:
        versions = [one for one in rulebook.versions(code) if one.holds_on(on)]
        if gifted := [one for one in versions if one.parameters.enrolment == "card"]:
            found[code] = gifted
    return found


def first_day(version: Version[CoverScheme]) -> date:
    """From when its area has had the programme without a break."""
    day = version.starts
    for one in sorted(rulebook.versions(version.programme), key=lambda one: one.starts, reverse=True):
        if (
            one.jurisdiction == version.jurisdiction
            and one.starts < day
            and (one.ends is None or one.ends >= day)
        ):
            day = one.starts
    return day


# Everyone ----------------------------------------------------------------------------------------------------------


def sweep(*, everyone: bool = True, told: Callable[[int, int], None] | None = None) -> Enrolled:
    """Enrol whoever holds a card and is not yet covered; end the covers of those who hold none any more.

    Not `everyone`: only the most recent cards, and no ends, which follow cards at once. A run that is killed is gone on
    with by the next one. `told(done, cards)` hears of the progress.
    """
    today = timezone.localdate()
    versions = _where_people_are(card_versions(today))
    if not everyone:
        return _recent(versions)
    last, total = _last("members_person"), 0
    if _last("members_card") >= WORTH and _is_empty():
        total = _first(versions, today, last, told)
    else:
        for low, high in _ranges(last):
            with transaction.atomic():
                take_turn()
                where = Q(pk__gt=low, pk__lte=high)
                total += sum(_enrol(one, group, where, today) for group in versions.values() for one in group)
            if told is not None:
                told(high, last)
    with transaction.atomic():
        take_turn()
        ended = _end(today)
        past = sum(_past(versions).values())
        _note(versions, total + past, ended + past)
    return Enrolled(total + past, ended + past, tuple(versions))


def _recent(versions: Versions) -> Enrolled:
    """Holders of recent cards whom nothing covers yet, enrolled by name: there are hardly ever any."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT c.person_id FROM members_card c WHERE c.id > %s AND c.status <> 'revoked' AND NOT EXISTS"
            f" (SELECT FROM {_TABLE} e WHERE e.programme = ANY(%s) AND e.person_id = c.person_id"
            " AND upper_inf(e.period)) ORDER BY 1",
            [_last("members_card") - RECENT, list(versions)],
        )
        waiting = [row[0] for row in cursor.fetchall()]
    total = 0
    for start in range(0, len(waiting), FEW):
        total += enrol(waiting[start : start + FEW]).enrolled
    with transaction.atomic():
        _note(versions, total, 0)
    return Enrolled(total, 0, tuple(versions))


def _where_people_are(versions: Versions) -> Versions:
    """Without the versions of areas in which the federation has no union."""
    unions = Organisation.objects.everywhere(reason="in which areas the federation has unions at all")
    areas = {one.jurisdiction for group in versions.values() for one in group}
    here = {area for area in areas if unions.filter(division__startswith=area)[:1]}
    found = {code: [one for one in group if one.jurisdiction in here] for code, group in versions.items()}
    return {code: group for code, group in found.items() if group}


def _first(versions: dict[str, list[Version[CoverScheme]]], today: date, last: int, told: Any) -> int:
    """The first time, over hundreds of thousands of cards: written bare, in one transaction, indexes built at the end.

    Who issues a card meanwhile does not wait for it (`follow`); the run that comes next enrols him.
    """
    total = 0
    with transaction.atomic():
        take_turn()
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {_TABLE} IN ACCESS EXCLUSIVE MODE")
        if not _is_empty() or not can_be_bared((CoverEnrolment,)):
            raise DatabaseError("enrolments were written meanwhile")
        with bare((CoverEnrolment,), lambda done, count: None, outward=False), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else every row waits in memory for the commit
            for low, high in _ranges(last):
                where = Q(pk__gt=low, pk__lte=high)
                for group in versions.values():
                    total += sum(_enrol(one, group, where, today, fresh=True) for one in group)
                if told is not None:
                    told(high, last)
    return total


def _note(versions: Versions, enrolled: int, ended: int) -> None:
    if not enrolled and not ended:
        return
    for group in versions.values():
        for one in group:
            record_use(one)
    detail = {"enrolled": enrolled, "ended": ended, "programmes": list(versions)}
    journal(
        system_actor("保险保障"), "benefits.enrolled", label=f"参保 {enrolled}，终止 {ended}", detail=detail
    )


def _last(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(max(id), 0) FROM {table}")
        (found,) = cursor.fetchone()
    return int(found)


def _is_empty() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT NOT EXISTS (SELECT FROM {_TABLE})")
        (found,) = cursor.fetchone()
    return bool(found)


def _ranges(last: int) -> Iterator[tuple[int, int]]:
    """Stretches of keys with about CHUNK persons each."""
    low = 0
    while low < last:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT max(id) FROM (SELECT id FROM members_person WHERE id > %s ORDER BY id LIMIT %s) persons",
                [low, CHUNK],
            )
            (high,) = cursor.fetchone()
        if high is None:
            return
        yield low, high
        low = high


_INSERT = f"""
INSERT INTO {_TABLE} (person_id, programme, period, source, tier, ending, made_at)
SELECT new.person, %s, daterange(GREATEST(new.since + %s, %s{{after}}), NULL), 'card', '', '', %s
FROM ({{who}}) AS new (person, since, member)
WHERE new.since IS NOT NULL AND new.member IS NOT NULL {{fresh}}
ON CONFLICT DO NOTHING
"""
_NOT_COVERED = f"""AND NOT EXISTS (
    SELECT FROM {_TABLE} e WHERE e.programme = %s AND e.person_id = new.person AND upper_inf(e.period)
)"""
# A cover that ended before: the next one starts where it ended, should card and end fall on one day.
_LAST = f", (SELECT max(upper(e.period)) FROM {_TABLE} e WHERE e.programme = %s AND e.person_id = new.person)"


def _enrol(
    version: Version[CoverScheme],
    group: Collection[Version[Any]],
    where: Q,
    today: date,
    *,
    fresh: bool = False,
) -> int:
    """Enrol who meets a version among some persons, and is not covered; answers how many. `fresh`: nobody is."""
    rows = eligibility.who(version, today, where, group)
    # Card and membership are asked for as columns: a filter would join them a second time.
    sql, given = rows.values_list("pk", F("card__issued_on"), F("membership__id")).query.sql_with_params()
    lasting = conditions.codes(version.parameters.conditions) <= LASTING
    earliest = first_day(version) if lasting else today
    code, now = version.programme, timezone.now()
    head: list[Any] = [code, version.parameters.wait_days, earliest]
    with connection.cursor() as cursor:
        if fresh:
            cursor.execute(_INSERT.format(who=sql, after="", fresh=""), [*head, now, *given])
        else:
            statement = _INSERT.format(who=sql, after=_LAST, fresh=_NOT_COVERED)
            cursor.execute(statement, [*head, code, now, *given, code])
        return int(cursor.rowcount)


# Ends --------------------------------------------------------------------------------------------------------------

_END = f"""
WITH open AS (
    SELECT e.id, lower(e.period) AS since, e.person_id, m.id AS member, c.id AS card, o.division
    FROM {_TABLE} e
    LEFT JOIN members_membership m ON m.person_id = e.person_id AND upper_inf(m.period)
    LEFT JOIN members_card c ON c.person_id = e.person_id AND c.status <> 'revoked'
    LEFT JOIN organisations_organisation o ON o.id = m.organisation_id
    WHERE upper_inf(e.period) AND e.source = 'card' AND e.programme = %(programme)s {{only}}
), gone AS (
    SELECT open.id, since, CASE
        WHEN member IS NULL THEN 'membership' WHEN card IS NULL THEN 'card' ELSE 'scheme' END AS why,
    CASE
        WHEN member IS NULL THEN (
            SELECT max(upper(x.period)) + 1 FROM members_membership x WHERE x.person_id = open.person_id)
        WHEN card IS NULL THEN (
            SELECT max(x.revoked_at AT TIME ZONE %(zone)s)::date + 1 FROM members_card x
            WHERE x.person_id = open.person_id)
        ELSE (SELECT max(l.ends) FROM unnest(%(lapsed)s::text[], %(ends)s::date[]) AS l (area, ends)
              WHERE starts_with(open.division, l.area))
    END AS until
    FROM open
    WHERE member IS NULL OR card IS NULL
        OR NOT EXISTS (SELECT FROM unnest(%(areas)s::text[]) AS held (area) WHERE starts_with(open.division, held.area))
), closed AS (
    UPDATE {_TABLE} e
    SET period = daterange(gone.since, GREATEST(gone.since, COALESCE(gone.until, %(today)s::date))), ending = gone.why
    FROM gone WHERE e.id = gone.id RETURNING e.id, gone.since
)
INSERT INTO benefits_coverchange (enrolment_id, kind, was, at)
SELECT id, 'ended', daterange(since, NULL), %(now)s FROM closed ORDER BY id
"""


def _end(today: date, persons: Collection[int] = ()) -> int:
    """End the covers of cards that are gone, as of the day on which they went (it is still covered)."""
    ended = 0
    for code in PROGRAMMES:
        every = rulebook.versions(code)
        values: dict[str, Any] = {
            "programme": code,
            "areas": [one.jurisdiction for one in every if one.holds_on(today)],
            "lapsed": [one.jurisdiction for one in every if one.ends is not None and one.ends <= today],
            "ends": [one.ends for one in every if one.ends is not None and one.ends <= today],
            "today": today,
            "now": timezone.now(),
            "zone": settings.TIME_ZONE,
            "persons": list(persons),
        }
        only = "AND e.person_id = ANY(%(persons)s)" if persons else ""
        with connection.cursor() as cursor:
            cursor.execute(_END.format(only=only), values)
            ended += cursor.rowcount
    return ended


def _past(versions: Versions, persons: Collection[int] = ()) -> dict[str, int]:
    """Cover for card days that were over before anybody was enrolled for them: how many, by programme."""
    return {
        code: sum(enrol_past(one, group, first_day(one), persons) for one in group)
        for code, group in versions.items()
    }


# One person --------------------------------------------------------------------------------------------------------


@transaction.atomic
def enrol(persons: Collection[int], *, past: bool = False) -> Enrolled:
    """Bring the covers of a few persons up to their cards: what the run over everyone would do for them.

    `past`: also for cards that they held before; whoever changes a card now leaves that to the run.
    """
    if not persons:
        return Enrolled()
    take_turn()
    today = timezone.localdate()
    versions = _where_people_are(card_versions(today))
    where = Q(pk__in=list(persons))
    ended = _end(today, persons)
    made = {code: sum(_enrol(one, group, where, today) for one in group) for code, group in versions.items()}
    if past:
        over = _past(versions, persons)
        made = {code: count + over[code] for code, count in made.items()}
        ended += sum(over.values())
    codes = tuple(code for code, count in made.items() if count)
    for code in codes:
        for one in versions[code]:
            record_use(one)
    return Enrolled(sum(made.values()), ended, codes)


def follow(actor: Actor, person_id: int, paths: tuple[str, ...]) -> None:
    """A card was issued, replaced or revoked, or its membership ended: the cover follows in the same transaction.

    While the very first run builds the table, nobody waits for it: a job does it afterwards.
    """
    with _unless_taken() as free:
        if free:
            done = enrol([person_id])
            if done.enrolled or done.ended:
                verb = "benefits.enrolled" if done.enrolled else "benefits.cover_ended"
                detail = {"person": person_id, "enrolled": list(done.programmes), "ended": done.ended}
                journal(actor, verb, label="保险保障", paths=paths, detail=detail)
            return
    from ..tasks.cover import enrol_recent

    enrol_recent.defer()


@contextmanager
def _unless_taken() -> Iterator[bool]:
    """Whether the table is free to write; never waits for whoever fills it bare."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {_TABLE} IN ROW EXCLUSIVE MODE NOWAIT")
    except DatabaseError:
        yield False
    else:
        yield True
