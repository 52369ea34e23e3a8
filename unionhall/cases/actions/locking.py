"""Taking hold of a case, and the line that every verb leaves on it.

Everywhere in this order, so that nobody waits in a circle: unions (`hold`, `paths_of`), the cases by number, what hangs
on them (referrals, parts), and a turn or a roster (`take_turns`, `hold_roster`) last. Whoever moves a union takes the
unions and then their cases.
"""

from __future__ import annotations

from datetime import datetime

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.members import households
from unionhall.members.hands import Hands, hands
from unionhall.organisations.models import Organisation

from ..models import Case, CaseEvent

WHY = "a verb on a case checks who acts by itself, after locking it"


def lock(case_id: int) -> Case:
    """The case as it is now, locked until the transaction ends."""
    rows = Case.objects.everywhere(reason=WHY).select_for_update(of=("self",))
    return rows.select_related("organisation", "person", "employer", "owner").get(pk=case_id)


def lock_open(case_id: int) -> Case:
    """The case, locked; Refused when it is closed."""
    found = lock(case_id)
    if not found.is_open:
        raise Refused(f"案件{found.number}已经办结，不能再操作。请刷新页面查看最新情况。")
    return found


def keep_out(actor: Actor, case: Case) -> None:
    """Nobody handles his own case or one of his household (Refused): it would be his word on himself."""
    if concerns(hands(actor.access), case):
        raise Refused("这是您本人或家庭成员的案件，请交给其他人办理。")


def require_handler(actor: Actor, case: Case, permission: str) -> None:
    """The actor holds the permission where the case stands, and it is not his own."""
    actor.require(permission, *case.organisation.paths)
    keep_out(actor, case)


def concerns(mine: Hands, case: Case) -> bool:
    """Whether whoever is behind these accounts, or his household, filed the case or is the one it is about."""
    person = case.person
    accounts = {case.filed_by_id, person.account_id if person is not None else None} - {None}
    if accounts & mine.kept_out or mine.touch(person=case.person_id):
        return True
    if person is None or mine.person_id is None:
        return False
    return mine.person_id in households.of(person.pk)


def hold(*organisations: Organisation, wait: bool = True) -> None:
    """Unions that a verb will name beside a case, before it takes the case: none of them moves until it is done.

    `wait=False`, for who has a case already: Refused while one of them is being moved.
    """
    wanted = sorted({one.pk for one in organisations})
    asked = "SELECT 1 FROM organisations_organisation WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(asked if wait else f"{asked} NOWAIT", [wanted])
    except OperationalError as busy:
        if wait:
            raise
        raise Refused("这个工会正在调整组织关系，请几分钟后再试。") from busy


def take_turns(key: str) -> None:
    """Until the transaction ends nobody else of this federation passes with the key, which begins with the room."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ':' || %s, 0))", [key]
        )


def hold_roster(name: str) -> None:
    """Until the transaction ends nobody else gives out work from this roster: who is full is counted once at a time."""
    take_turns(f"cases.roster:{name}")


def paths_of(organisation: Organisation) -> tuple[str, str]:
    """Where the union stands, to copy: one that is just being moved is waited for, other readers are not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT path, second_path FROM organisations_organisation WHERE id = %s FOR KEY SHARE",
            [organisation.pk],
        )
        found = cursor.fetchone()
    if found is None:
        raise Refused("这个工会已不存在，请刷新后重试。")
    return found[0], found[1]


def note(
    actor: Actor,
    case: Case,
    verb: str,
    label: str,
    *,
    before: str = "",
    after: str = "",
    opinion: str = "",
    shown: bool = False,
    at: datetime | None = None,
) -> CaseEvent:
    """One line in what happened to the case. Numbers that people type into an opinion are hidden."""
    return CaseEvent.objects.create(
        case=case,
        verb=verb[:24],
        label=label[:30],
        before=before,
        after=after,
        actor_id=actor.account_id,
        actor_name=actor.name[:80],
        opinion=hide_numbers(opinion)[:1000],
        shown=shown,
        path=case.organisation.path,
        at=at or timezone.now(),
    )


def words(text: str, field: str, missing: str, limit: int) -> str:
    """A required text, trimmed; Refused with `missing` when empty."""
    text = text.strip()
    if not text:
        raise Refused(missing, field=field)
    if len(text) > limit:
        raise Refused(f"不超过 {limit} 个字，现有 {len(text)} 个字。", field=field)
    return text
