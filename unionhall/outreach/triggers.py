"""Where duties come from: sources that rooms above or beside register, through portal.

A source answers the events of the last days; each becomes one duty by its key, however often it is found. The clock
runs from the event, not from when it was found.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from unionhall.foundation.actors import system_actor
from unionhall.members.models import Person
from unionhall.organisations.models import Employer, Organisation

from .actions.duties import open_duty
from .cadres import union_of_person
from .models import VisitDuty

__all__ = ["Event", "Source", "look", "register", "sources"]

#: How far back a source is asked: a job that rested over the holidays misses nothing.
LOOK_BACK = timedelta(days=10)
SHORT = timedelta(days=2)


@dataclass(frozen=True)
class Event:
    """An injury, a hardship or a trouble. `because` names no illness and no sum of money.

    `organisation` None: the union of the person; an event of nobody's union makes no duty.
    """

    key: str
    trouble: str
    because: str
    at: datetime
    organisation: Organisation | None = None
    person: Person | None = None
    employer: Employer | None = None


@dataclass(frozen=True)
class Source:
    """`find(since)`: events since then, in one query or few. `label`: what people read.

    `hourly`: it reads much and is asked by the hour, of two days, not every five minutes.
    """

    code: str
    label: str
    find: Callable[[datetime], Iterable[Event]]
    hourly: bool = False


_sources: dict[str, Source] = {}


def register(*found: Source) -> None:
    """Registering the same source again changes nothing; another under its code is a mistake."""
    for source in found:
        if _sources.setdefault(source.code, source) != source:
            raise ValueError(f"source of visits {source.code} is registered twice")


def sources() -> list[Source]:
    return sorted(_sources.values(), key=lambda one: one.code)


def look(*, hourly: bool = False) -> int:
    """Ask every source of the kind and open what is new; answers how many duties."""
    began, opened = timezone.now() - (SHORT if hourly else LOOK_BACK), 0
    for source in sources():
        if source.hourly != hourly:
            continue
        found = {event.key: event for event in source.find(began)}
        rows = VisitDuty.objects.everywhere(reason="which events have made a duty already")
        known = set(rows.filter(event_key__in=list(found)).values_list("event_key", flat=True))
        for key, event in found.items():
            if key not in known and _open(source, event):
                opened += 1
    return opened


def _open(source: Source, event: Event) -> bool:
    union = event.organisation
    if union is None and event.person is not None:
        union = union_of_person(event.person.pk)
    if union is None:
        return False
    duty = open_duty(
        system_actor(source.label), trouble=event.trouble, key=event.key, source=source.label,
        because=event.because, organisation=union, person=event.person, employer=event.employer,
        opened_at=event.at, by_right=True,
    )  # fmt: skip
    return duty is not None
