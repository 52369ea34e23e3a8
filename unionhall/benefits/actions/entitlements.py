"""Telling people what they newly qualify for: each programme once, one message a run, whatever dies meanwhile."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import BooleanField, Case, F, Q, Value, When
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.members.models import Person
from unionhall.records.actions import digest_of, journal, notify_many
from unionhall.records.models import Message
from unionhall.rulebook import Version
from unionhall.rulebook.eligibility import codes_of, condition_of
from unionhall.rulebook.population import people

from ..amounts import amount_of
from ..entitlements import home, in_force, settings_for
from ..models import Told
from ..offering import offering_of

__all__ = ["Run", "run_through", "tell", "tell_some"]

#: Persons looked at, and written to, in one transaction.
CHUNK = 5_000
_WHY = "whoever qualifies is told, wherever he stands; nothing is shown to anybody else"


@dataclass
class Run:
    """What a run did. `after`: the person it stopped at, None when there was nobody left."""

    looked: int = 0
    persons: int = 0
    items: int = 0
    after: int | None = None


def tell(actor: Actor, *, on: date, after: int = 0, silent: bool = False) -> Run:
    """Tell account holders after a person what they newly qualify for, as many as the scheme lets one run look at.

    Every chunk is a transaction of its own: a run that dies is taken up again and tells nobody twice. `silent` enters
    them without a message. Who has no account yet is told when he has one.
    """
    actor.require("benefits.tell", "")
    found, most = Run(after=after), settings_for(home(), on).looked_at_once
    versions = in_force(on)
    while versions and found.looked < most:
        ids = _holders(found.after or 0, min(CHUNK, most - found.looked))
        if not ids:
            found.after = None
            return found
        span = {"gte": ids[0], "lte": ids[-1]}
        _tell_chunk(actor, on, versions, span, found, silent=silent)
        found.looked, found.after = found.looked + len(ids), ids[-1]
    if not versions:
        found.after = None
    return found


def run_through(actor: Actor, *, on: date, silent: bool = False) -> Run:
    """Everyone, run after run. `silent` is for a federation that starts here with people who know their benefits."""
    whole = Run(after=0)
    while whole.after is not None:
        run = tell(actor, on=on, after=whole.after, silent=silent)
        whole.looked, whole.after = whole.looked + run.looked, run.after
        whole.persons, whole.items = whole.persons + run.persons, whole.items + run.items
    return whole


def tell_some(
    actor: Actor, *, person_ids: Iterable[int], on: date, programmes: Collection[str] | None = None
) -> Run:
    """The same for some people, right after a fact of theirs changed."""
    actor.require("benefits.tell", "")
    found, wanted = Run(), sorted(set(person_ids))
    versions = in_force(on, programmes)
    for begin in range(0, len(wanted) if versions else 0, CHUNK):
        _tell_chunk(actor, on, versions, {"in": wanted[begin : begin + CHUNK]}, found, silent=False)
    found.looked = len(wanted)
    return found


def _holders(after: int, most: int) -> list[int]:
    rows = Person.objects.everywhere(reason=_WHY).filter(account__isnull=False, pk__gt=after)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:most])


@transaction.atomic
def _tell_chunk(
    actor: Actor,
    on: date,
    versions: dict[str, list[Version[Any]]],
    span: dict[str, Any],
    found: Run,
    *,
    silent: bool,
) -> None:
    accounts: dict[int, int] = {}
    fresh: list[tuple[int, Version[Any]]] = []
    for person_id, account_id, version in _newly(on, versions, span):
        accounts[person_id] = account_id
        fresh.append((person_id, version))
    written = _enter(fresh, on, silent=silent)
    if not written:
        return
    by_person: dict[int, list[Version[Any]]] = defaultdict(list)
    for person_id, version in fresh:
        if (person_id, version.programme) in written:
            by_person[person_id].append(version)
    if not silent:
        notify_many(_letter(accounts[person_id], told) for person_id, told in by_person.items())
    found.persons, found.items = found.persons + len(by_person), found.items + len(written)
    journal(
        actor,
        "benefits.marked" if silent else "benefits.told",
        label="主动告知",
        detail={
            "persons": len(by_person),
            "programmes": dict(Counter(programme for _, programme in written)),
            "on": on.isoformat(),
            "model": Told._meta.label_lower,
        },
        digest=digest_of(sorted(written)),
    )


def _newly(
    on: date, versions: dict[str, list[Version[Any]]], span: dict[str, Any]
) -> Iterator[tuple[int, int, Version[Any]]]:
    """Account holders of the span with each version that they meet, were not told of and do not have."""
    every = [version for held in versions.values() for version in held]
    near = {f"person_id__{name}": value for name, value in span.items()}
    new = {}
    for number, version in enumerate(every):
        met = condition_of(version, on, versions[version.programme])
        told = Told.objects.everywhere(reason=_WHY).filter(programme=version.programme, **near)
        met &= ~Q(pk__in=told.values("person_id"))
        offering = offering_of(version.programme)
        if offering is not None and offering.had is not None:
            met &= ~Q(pk__in=offering.had(on).filter(**near).values("person_id"))
        new[f"new_{number}"] = Case(
            When(met, then=Value(True)), default=Value(False), output_field=BooleanField()
        )
    where = Q(account__isnull=False, **{f"pk__{name}": value for name, value in span.items()})
    rows = people(on, where, codes_of(every)).annotate(**new).values_list("pk", F("account_id"), *new)
    for person_id, account_id, *flags in rows:
        for version, flag in zip(every, flags, strict=True):
            if flag:
                yield person_id, account_id, version


_ENTER = f"""
INSERT INTO {Told._meta.db_table} (person_id, programme, version, silent, "on")
SELECT person_id, programme, version, %s, %s
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS fresh (person_id, programme, version)
ON CONFLICT (programme, person_id) DO NOTHING RETURNING person_id, programme
"""  # noqa: S608 - our own table


def _enter(fresh: list[tuple[int, Version[Any]]], on: date, *, silent: bool) -> set[tuple[int, str]]:
    """Write who is told of what; what another run wrote at the same moment is not answered."""
    if not fresh:
        return set()
    columns = (
        [person_id for person_id, _ in fresh],
        [version.programme for _, version in fresh],
        [version.digest[:16] for _, version in fresh],
    )
    with connection.cursor() as cursor:
        cursor.execute(_ENTER, [silent, on, *columns])
        return {(int(person_id), str(programme)) for person_id, programme in cursor.fetchall()}


def _letter(account_id: int, versions: list[Version[Any]]) -> Message:
    if len(versions) > 1:
        titles = "、".join(version.title for version in versions)
        return Message(
            recipient_id=account_id,
            title=f"您有 {len(versions)} 项可以享受的待遇",
            body=f"{titles}。点开看为什么符合、能享受多少、怎么办。",
            url=reverse("m_benefits"),
            created_at=timezone.now(),
        )
    (version,) = versions
    offering, amount = offering_of(version.programme), amount_of(version.parameters)
    how = "点开就能申请，登记过的信息不用再填。"
    if offering is not None and not offering.apply:
        how = f"{offering.automatic or '不用申请'}。"
    parts = [version.parameters.summary.rstrip("。"), f"标准：{amount}" if amount else ""]
    return Message(
        recipient_id=account_id,
        title=f"您可以享受“{version.title}”"[:100],
        body="。".join([part for part in parts if part] + [how]),
        url=reverse("m_benefit", args=[version.programme]),
        created_at=timezone.now(),
    )
