"""What an operator does with a release's data, in a home of its own; prints what came of it as JSON.

Run as a program by test_upgrade.py: restore, `migrate`, `rollup rebuild`, then look.
"""

import json
import sys
from pathlib import Path
from typing import Any


def _tables() -> dict[str, int]:
    from django.conf import settings
    from django.db import connection

    from unionhall.cli.backup import count_rows

    with connection.cursor() as cursor:
        return count_rows(cursor, settings.FEDERATION)


def _figures() -> dict[str, dict[str, int]]:
    """As the pages tell them, and as they are counted from the records."""
    from unionhall.foundation.actors import SystemAccess
    from unionhall.indicators import registry
    from unionhall.insights import drilling, figures
    from unionhall.organisations.models import Organisation

    found: dict[str, dict[str, int]] = {"told": {}, "counted": {}}
    for union in Organisation.objects.everywhere(reason="a test of the upgrade").order_by("path"):
        where = drilling.place(union, SystemAccess())
        found["told"][union.code] = figures.values(["members.count"], where)["members.count"]
        found["counted"][union.code] = registry.values(["members.count"], where)["members.count"]
    return found


def _pages() -> dict[str, int]:
    from django.db.backends.postgresql.psycopg_any import DateRange
    from django.test import Client
    from django.utils import timezone

    from unionhall.access.models import Account, Grant
    from unionhall.foundation.permissions import Line, Role
    from unionhall.organisations.models import Organisation

    top = Organisation.objects.everywhere(reason="a test of the upgrade").order_by("path")[0]
    account = Account.objects.create_user("upgraded", "correct-horse-battery", display_name="升级")
    Grant.objects.create(
        account=account, organisation=top, role=Role.OFFICER, line=Line.GENERAL,
        period=DateRange(timezone.localdate(), None),
    )  # fmt: skip
    client = Client(headers={"host": "localhost"})
    pages = {path: client.get(path).status_code for path in ("/healthz", "/readyz", "/", "/progress/")}
    client.force_login(account, backend="unionhall.access.backends.DeskBackend")
    for path in ("/desk/", "/desk/members/", "/desk/orgs/", "/desk/figures/", "/desk/reviews/"):
        pages[path] = client.get(path, follow=True).status_code
    return pages


def look(facts: dict[str, Any]) -> dict[str, Any]:
    from unionhall.access.adapters import MFAAdapter
    from unionhall.members import cards
    from unionhall.members.models import Person
    from unionhall.organising.actions import admission
    from unionhall.records import attachments, sealing
    from unionhall.records.models import Attachment

    why = "a test of the upgrade"
    before = sealing.verify(facts["head"])
    while sealing.seal_pending():
        pass
    after = sealing.verify(facts["head"])
    person = Person.objects.everywhere(reason=why).get(pk=facts["person"])
    same = Person.objects.everywhere(reason=why).with_identity(person.id_type, facts["identity"]).first()
    file = Attachment.objects.everywhere(reason=why).get(pk=facts["attachment"])
    return {
        "journal": [before.ok, before.pending, after.ok, after.pending, after.blocks],
        "identity": person.id_number.reveal(),
        "found_by_number": same.pk if same else None,
        "attachment": b"".join(attachments.chunks(file)).decode(),
        "draft": admission.draft_of(1),
        "second_factor": MFAAdapter().decrypt(facts["second_factor"]),
        "card": cards.check(facts["paper"], facts["at"] + 60).reason,
        "figures": _figures(),
        "pages": _pages(),
    }


def main(release: Path) -> None:
    from unionhall.cli import restore
    from unionhall.cli.surroundings import database, load_django, pending_migrations

    facts = json.loads((release / "facts.json").read_text())
    with database():
        restore.run([str(release / "release.backup"), "--json"])
        load_django()
        from django.core.management import call_command
        from django.db import connections

        restored, pending = _tables(), len(pending_migrations())
        call_command("migrate", verbosity=0, interactive=False)
        migrated = _tables()
        call_command("rollup", "rebuild", stdout=sys.stderr)
        found = look(facts)
        found |= {
            "restored": restored,
            "pending": pending,
            "migrated": migrated,
            "left": pending_migrations(),
        }
        connections.close_all()
    print("\n" + json.dumps(found, ensure_ascii=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
