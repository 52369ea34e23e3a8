"""Events for the world outside, written where they happen: if the action is undone by a rollback, so is its event.

A room above says which journal actions are public, and in which words (`announce`). Nothing is sent from here.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .models import JournalEntry, OutboxEvent

__all__ = ["Told", "announce", "follow", "publish"]


@dataclass(frozen=True)
class Told:
    """What an entry tells the outside: ids, codes, days and counts, and the paths on which it stood before."""

    data: dict[str, Any] = field(default_factory=dict)
    former_path: str = ""
    former_second_path: str = ""


Describe = Callable[[JournalEntry], Told]
_public: dict[str, tuple[str, Describe]] = {}


def announce(action: str, type_: str, describe: Describe) -> None:
    """Make a journal action ("room.verb") public as an event type; an action becomes one event."""
    if _public.setdefault(action, (type_, describe)) != (type_, describe):
        raise ValueError(f"{action} is announced twice")


def follow(entry: JournalEntry) -> OutboxEvent | None:
    """Called by the journal, in its transaction, for every entry."""
    if entry.action not in _public:
        return None
    type_, describe = _public[entry.action]
    told = describe(entry)
    paths = tuple(path for path in (entry.path, entry.second_path) if path)
    former = tuple(path for path in (told.former_path, told.former_second_path) if path)
    return publish(type_, paths=paths, data=told.data, former=former)


def publish(
    type_: str, *, paths: tuple[str, ...], data: dict[str, Any], former: tuple[str, ...] = ()
) -> OutboxEvent:
    """Put an event into the outbox in the caller's transaction. `data` holds no personal data."""
    return OutboxEvent.objects.create(
        key=f"evt_{secrets.token_hex(12)}",
        type=type_,
        path=paths[0] if paths else "",
        second_path=paths[1] if len(paths) > 1 else "",
        former_path=former[0] if former else "",
        former_second_path=former[1] if len(former) > 1 else "",
        data=data,
    )
