"""What is done on the stage: each act is what a job, a page or a person would do, in a process of its own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection

# Acts that stand in files of their own.
from .fullness import backup as backup
from .fullness import kept_files as kept_files
from .fullness import without_room as without_room
from .holding import fold_and_hold as fold_and_hold
from .holding import reseal_in_small_steps as reseal_in_small_steps
from .holding import rosters as rosters
from .paying import answered as answered
from .paying import money as money
from .paying import open_money as open_money
from .paying import pay_everybody as pay_everybody
from .paying import to_the_bank as to_the_bank
from .pushing import listen as listen
from .pushing import pushed as pushed
from .pushing import some_minutes_pass as some_minutes_pass
from .pushing import suspend_cards as suspend_cards
from .pushing import tell_everybody as tell_everybody
from .pushing import told as told
from .pushing import work as work
from .settling import settled as settled
from .settling import settlements as settlements
from .settling import work_settlements as work_settlements

WHY = "faults"


def prepare() -> None:
    """A database with a small province."""
    from django.core.management import call_command

    from unionhall.portal.seeding.seed import seed
    from unionhall.portal.seeding.sizes import SCALES

    call_command("migrate", verbosity=0)
    seed(SCALES["tiny"], 1, lambda *told: None)


def roster(path: str, rows: int, errors: int, seed: int) -> int:
    """Write a roster file; answers its size."""
    from unionhall.members.intake.planting import write_roster

    write_roster(Path(path), rows, errors, seed)
    return Path(path).stat().st_size


def union(place: int = 0) -> int:
    """The id of a grassroots union."""
    from unionhall.organisations.models import Organisation

    rows = Organisation.objects.everywhere(reason=WHY).active().filter(kind="grassroots").order_by("pk")
    return rows[place].pk


def receive(path: str, union_id: int) -> int:
    from unionhall.foundation.actors import system_actor
    from unionhall.members.intake import actions
    from unionhall.organisations.models import Organisation

    one = Organisation.objects.everywhere(reason=WHY).get(pk=union_id)
    return actions.receive(
        system_actor(), organisation=one, path=Path(path), name=Path(path).name, queue=False
    ).pk


def check(batch_id: int) -> dict[str, Any]:
    from unionhall.members.intake import actions

    return _told(actions.check(batch_id))


def ask_commit(batch_id: int) -> None:
    from unionhall.foundation.actors import system_actor
    from unionhall.members.intake import actions

    actions.ask_commit(system_actor(), batch=actions.batch_for(batch_id), queue=False)


def commit(batch_id: int) -> dict[str, Any]:
    from unionhall.foundation.actors import system_actor
    from unionhall.members.intake import actions

    return _told(actions.commit(batch_id, system_actor()))


def ask_undo(batch_id: int) -> None:
    from unionhall.foundation.actors import system_actor
    from unionhall.members.intake import actions

    actions.ask_undo(system_actor(), batch=actions.batch_for(batch_id), reason=WHY, queue=False)


def undo(batch_id: int) -> dict[str, Any]:
    from unionhall.foundation.actors import system_actor
    from unionhall.members.intake import actions

    return _told(actions.undo(batch_id, system_actor(), reason=WHY))


def chairs_union() -> str:
    """The code of the union whose chair has the account "chair"."""
    from unionhall.access.models import Grant

    grants = Grant.objects.everywhere(reason=WHY).filter(account__username="chair")
    return str(grants.select_related("organisation")[0].organisation.code)


def batches() -> dict[str, Any]:
    """How many batches there are, and those whose file does not open or that no journal entry tells of."""
    import tempfile

    from unionhall.members.models import RosterBatch
    from unionhall.records import attachments
    from unionhall.records.models import JournalEntry

    wrong = []
    rows = RosterBatch.objects.everywhere(reason=WHY).select_related("file")
    for batch in rows:
        entries = JournalEntry.objects.everywhere(reason=WHY).about(batch)
        if entries.filter(action="members.intake_received").count() != 1:
            wrong.append(f"batch {batch.pk}: no entry")
        if batch.file is not None:
            with tempfile.TemporaryDirectory() as folder:
                attachments.write_to(batch.file, Path(folder) / "opened")
    return {"count": len(rows), "wrong": wrong}


def _told(batch: Any) -> dict[str, Any]:
    return {"state": str(batch.state), "counts": batch.counts, "rows": batch.rows, "message": batch.message}


def seal() -> int:
    from unionhall.records.sealing import seal_pending

    return seal_pending()


def fold() -> int | None:
    from unionhall.insights import rollups

    return rollups.fold()


def use_a_new_key() -> int:
    """Add a master key and use it, as `unionhall keys rotate` does first; answers its number."""
    from django.conf import settings

    from unionhall.foundation import keys, resealing

    ring = keys.load_keys(settings.HOME, {}).with_master()
    number = max(ring.masters)
    keys.save(settings.HOME, ring.with_current(number))
    _follow()
    resealing.begin()
    return number


def reseal() -> bool:
    from unionhall.foundation import resealing

    _follow()
    return resealing.run()


def sealed_values() -> dict[str, Any]:
    """Under which keys values stand, and how many persons' numbers open and are found by their index."""
    from unionhall.foundation import resealing
    from unionhall.members.models import Person

    _follow()
    people = list(Person.objects.everywhere(reason=WHY).only("id_number", "id_type", "id_index"))
    found = sum(
        Person.objects.everywhere(reason=WHY).with_identity(one.id_type, one.id_number.reveal()).get().pk
        == one.pk
        for one in people[:50]
    )
    opened = sum(len(one.id_number.reveal()) > 5 for one in people)
    return {
        "keys": {str(number): count for number, count in resealing.used().items() if count},
        "people": len(people),
        "opened": opened,
        "found": found,
    }


def _follow() -> None:
    """A process forked before the keys changed reads them now, as running ones do within two seconds."""
    from unionhall.foundation import sealing

    sealing.follow()


#: Statements that must find nothing, whatever was killed when.
_NEVER = {
    "two open memberships": """SELECT person_id FROM members_membership WHERE upper_inf(period)
        GROUP BY person_id HAVING count(*) > 1""",
    "two cards in force": """SELECT person_id FROM members_card WHERE status <> 'revoked'
        GROUP BY person_id HAVING count(*) > 1""",
    "a member without a card": """SELECT m.id FROM members_membership m WHERE upper_inf(m.period)
        AND NOT EXISTS (SELECT FROM members_card c WHERE c.person_id = m.person_id AND c.status <> 'revoked')""",
    "a member without a number": """SELECT m.id FROM members_membership m
        JOIN members_person p ON p.id = m.person_id WHERE p.member_number IS NULL""",
    "a path that is not its union's": """SELECT m.id FROM members_membership m
        JOIN organisations_organisation o ON o.id = m.organisation_id
        WHERE (m.path, m.second_path) IS DISTINCT FROM (o.path, o.second_path)""",
    "a name that is not the person's": """SELECT m.id FROM members_membership m
        JOIN members_person p ON p.id = m.person_id
        WHERE (m.name, m.initials) IS DISTINCT FROM (p.name, p.initials)""",
    "a committed batch without its entry": """SELECT b.id FROM members_rosterbatch b
        WHERE b.committed_at IS NOT NULL AND 1 <> (SELECT count(*) FROM records_journalentry e
            WHERE e.action = 'members.intake_committed' AND e.subject_id = b.id)""",
    "an undone batch with members": """SELECT m.id FROM members_membership m
        JOIN members_rosterbatch b ON b.id = m.batch_id WHERE b.state = 'undone'""",
}


def audit() -> dict[str, Any]:
    """What is wrong (nothing, it is hoped), and how many people, memberships and cards there are."""
    from unionhall.insights import rollups
    from unionhall.records import sealing

    wrong: list[str] = []
    with connection.cursor() as cursor:
        for name, statement in _NEVER.items():
            cursor.execute(statement)
            if found := cursor.fetchall():
                wrong.append(f"{name}: {found[:5]}")
        counts = {}
        for table in ("members_person", "members_membership", "members_card", "records_journalentry"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            counts[table.split("_", 1)[1]] = cursor.fetchone()[0]
    sealing.seal_pending()
    verdict = sealing.verify()
    if verdict.fault is not None:
        wrong.append(f"journal: {verdict.fault}")
    _, differences = rollups.check()
    wrong.extend(f"rollup: {difference}" for difference in differences)
    return counts | {"wrong": wrong}


def wander(seed: int, acts: int) -> dict[str, int]:
    """Do what desks do, at random, so many times (see wandering.py). Counts what was done."""
    from .wandering import Wanderer

    return Wanderer(seed).go(acts)


def clock_jumps() -> dict[str, bool]:
    """Write and seal while the clock jumps six hours ahead, back an hour, and back to now."""
    import time_machine
    from django.utils import timezone

    from unionhall.foundation.actors import system_actor
    from unionhall.records import sealing
    from unionhall.records.actions import journal
    from unionhall.records.models import JournalEntry

    now = timezone.now()
    written = []
    for hours in (0, 6, -1, 0):
        with time_machine.travel(now + timedelta(hours=hours)):
            written.append(journal(system_actor(), "portal.seed", label=f"{hours}").pk)
            sealing.seal_pending()
    labels = JournalEntry.objects.everywhere(reason=WHY).filter(pk__in=written).order_by("pk")
    return {
        "verified": sealing.verify().ok,
        "in_order_of_writing": [one.subject_label for one in labels] == ["0", "6", "-1", "0"],
    }


def card_code_after(seconds: int) -> str:
    """What a reader whose clock differs by some seconds says to a code shown now."""
    import time

    import time_machine

    from unionhall.members import cards
    from unionhall.members.models import Card, Membership

    members = Membership.objects.everywhere(reason=WHY).current().values("person")
    card = Card.objects.everywhere(reason=WHY).filter(status="active", person__in=members)[0]
    code = cards.current_code(card)
    with time_machine.travel(time.time() + seconds):
        found = cards.check(code)
    return "valid" if found.valid else found.reason


def retain_with_clock_behind() -> str:
    """Retain a membership today, then try to resume it with the clock a day behind; the refusal."""
    import time_machine
    from django.db import transaction
    from django.utils import timezone

    from unionhall.foundation.actors import system_actor
    from unionhall.foundation.errors import Refused
    from unionhall.members import actions
    from unionhall.members.models import Membership

    today = timezone.localdate()
    old = Membership.objects.everywhere(reason=WHY).current().filter(standing="active", joined_on__lt=today)
    one = old.filter(period__startswith__lt=today)[0]
    opened = actions.retain(system_actor(), membership=one, on=today, reason=WHY)
    try:
        with time_machine.travel(timezone.now() - timedelta(days=1)), transaction.atomic():
            actions.resume(system_actor(), membership=opened, on=today, reason=WHY)
    except Refused as refusal:
        return str(refusal)
    return ""
