"""Writing the journal and sending messages: the verbs every other room uses."""

import json
from collections.abc import Iterable
from typing import Any

from django.db import models, transaction

from unionhall.foundation.actors import Actor
from unionhall.kit.masking import hide_numbers
from unionhall.kit.sm import sm3_hex

from . import lanes, outbox, sealing
from .models import JournalEntry, Message

#: Messages written by one statement.
TOGETHER = 2_000


def journal(
    actor: Actor,
    action: str,
    *,
    subject: models.Model | None = None,
    label: str = "",
    paths: tuple[str, ...] = (),
    reason: str = "",
    detail: dict[str, Any] | None = None,
    digest: str = "",
) -> JournalEntry:
    """Write one entry in the caller's transaction.

    `action` is "room.verb"; `paths` are the regional and, if any, the industry path of the union concerned;
    `detail` holds codes, ids and counts, never a name, number or phone. A bulk action writes one entry with the
    `digest` of its rows (`digest_of`) and says in `detail` where they stand.
    """
    if actor.stands_for is not None:
        detail = {**(detail or {}), "in_place_of": actor.stands_for}
    entry = JournalEntry(
        actor_id=actor.account_id,
        actor_name=actor.name,
        action=action,
        subject_type=subject._meta.label_lower if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        subject_label=hide_numbers(label or (str(subject) if subject is not None else ""))[:120],
        path=paths[0] if paths else "",
        second_path=paths[1] if len(paths) > 1 else "",
        # What stands here is never removed: a number typed into a reason must not.
        reason=hide_numbers(reason)[:500],
        # As the database will give it back: what is marked now is compared with what is read later.
        detail=json.loads(json.dumps(detail or {})),
        digest=digest,
        trace=actor.trace,
    )
    # Only where the caller has none does this open a transaction: place and entry are written together.
    with transaction.atomic(savepoint=False):
        lane = lanes.take()
        entry.lane, entry.place = lane.number, lane.place
        entry.mark = sealing.mark(sealing.values_of(entry))
        entry.save(force_insert=True)
        lanes.put(lane)
    outbox.follow(entry)
    return entry


def digest_of(rows: list[tuple[Any, ...]]) -> str:
    """The SM3 of a bulk action's rows in order, so that what was touched can be proven later."""
    return sm3_hex("\n".join("\t".join(map(str, row)) for row in rows).encode())


def notify(
    recipient_id: int | None, title: str, body: str = "", url: str = "", path: str = ""
) -> Message | None:
    """Send a message to an account; nobody to tell (no account yet) is no error."""
    if recipient_id is None:
        return None
    return Message.objects.create(
        recipient_id=recipient_id, title=hide_numbers(title), body=hide_numbers(body), url=url, path=path
    )


def notify_many(letters: Iterable[Message]) -> int:
    """Send many at once, each to the account it names, in the caller's transaction; answers how many."""
    sent = 0
    waiting: list[Message] = []
    for letter in letters:
        letter.title, letter.body = hide_numbers(letter.title), hide_numbers(letter.body)
        waiting.append(letter)
        if len(waiting) == TOGETHER:
            sent += len(Message.objects.bulk_create(waiting))
            waiting.clear()
    return sent + len(Message.objects.bulk_create(waiting))
