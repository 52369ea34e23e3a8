"""Taking hold of a file: its row is locked first by every verb; what happened is noted in its trail and the journal."""

from dataclasses import replace

from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor, SystemAccess
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.members import households
from unionhall.members.hands import hands
from unionhall.records.actions import journal
from unionhall.rulebook import Version

from ...models import HardshipFile, ReliefEvent
from ...schemes.relief import HardshipScheme

WHY = "a verb on a hardship file asks who acts by itself, after locking it"
Stage = HardshipFile.Stage


def lock(file: HardshipFile) -> HardshipFile:
    """The file as it is now, locked until the transaction ends."""
    rows = HardshipFile.objects.everywhere(reason=WHY).select_for_update(of=("self",))
    return rows.select_related("person", "organisation", "household", "review").get(pk=file.pk)


def hold(actor: Actor, file: HardshipFile, permission: str) -> HardshipFile:
    """Locked, after the permission was asked, and unless it is the actor's own household's."""
    fresh = lock(file)
    actor.require(permission, *fresh.organisation.paths)
    keep_out(actor, fresh.person_id)
    return fresh


def keep_out(actor: Actor, person_id: int) -> None:
    """Nobody handles the file or the aid of his own household (Refused)."""
    mine = hands(actor.access).person_id
    if mine is not None and mine in households.of(person_id):
        raise Refused("不能办理本人或者家庭成员的困难帮扶，请由其他人办理。")


def on_behalf(actor: Actor) -> Actor:
    """The same hand in what follows from a verb that has asked its own permission; the journal names the account."""
    return replace(actor, access=SystemAccess())


def scheme_of(file: HardshipFile) -> Version[HardshipScheme]:
    """The version in force today where the file stands."""
    return rulebook.scheme(HardshipScheme, on=timezone.localdate(), division=file.organisation.division)


def note(
    actor: Actor,
    file: HardshipFile,
    verb: str,
    what: str,
    *,
    text: str = "",
    tone: str = "",
    **detail: object,
) -> None:
    """A line in the file's trail and one in the journal (`benefits.relief_` and the verb)."""
    ReliefEvent.objects.create(
        file=file,
        what=what,
        tone=tone,
        actor_id=actor.account_id,
        actor_name=actor.name[:80],
        note=hide_numbers(text)[:500],
        at=timezone.now(),
    )
    journal(
        actor,
        f"benefits.relief_{verb}",
        subject=file,
        label=file.review.number,
        paths=file.organisation.paths,
        reason=text,
        detail=dict(detail),
    )


def words(text: str, field: str, missing: str, limit: int = 300) -> str:
    """A required text, trimmed; Refused with `missing` when empty."""
    text = text.strip()
    if not text:
        raise Refused(missing, field=field)
    if len(text) > limit:
        raise Refused(f"不超过 {limit} 个字，现有 {len(text)} 个字。", field=field)
    return text
