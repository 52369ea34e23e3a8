"""Makes the fixture of a release, run *by that release's own code* (docs/migrations.md says how).

    git archive RELEASE | tar -x -C DIR; cd DIR; UNIONHALL_HOME=EMPTY python …/tests/upgrade/make.py TARGET

It seeds a handful of invented people, acts a little (journal, attachment, card, draft, second factor), and leaves in
TARGET a backup made by the release, its keys, and `facts.json`: what must still be true after the upgrade.
"""

import io
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

PEOPLE = "120"


def act() -> dict[str, object]:
    from django.db import connection
    from django.db.models import Q

    from unionhall.access.adapters import MFAAdapter
    from unionhall.foundation.actors import system_actor
    from unionhall.members import cards
    from unionhall.members.models import Card, Membership, Person
    from unionhall.organisations.models import Organisation
    from unionhall.organising.actions import admission
    from unionhall.records import attachments, sealing
    from unionhall.records.actions import journal

    why = "the fixture of a release"
    for number in range(7):
        journal(system_actor(), "members.reveal", reason="升级前", detail={"n": number})
    sealing.seal_pending()
    journal(system_actor(), "members.edit", reason="还没有封存")
    file = attachments.store(
        system_actor(),
        io.BytesIO(b"before the upgrade"),
        name="a.txt",
        content_type="text/plain",
        purpose="test",
    )
    admission.keep_draft(1, name="张海林")
    person = Person.objects.everywhere(reason=why).order_by("pk")[0]
    card = Card.objects.everywhere(reason=why).filter(status="active").order_by("pk")[0]
    now = int(time.time())
    members = {}
    for union in Organisation.objects.everywhere(reason=why).order_by("path"):
        # In both chains: an industry's union has its members through the second.
        below = Q(path__startswith=union.path) | Q(second_path__startswith=union.second_path or union.path)
        members[union.code] = Membership.objects.everywhere(reason=why).current().filter(below).count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1")
        tables = {}
        for (name,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{name}"')
            tables[name] = cursor.fetchone()[0]
    return {
        "tables": tables, "members": members, "head": sealing.head(), "person": person.pk,
        "identity": person.id_number.reveal(), "paper": cards.paper_code(card, now), "at": now,
        "attachment": file.pk, "second_factor": MFAAdapter().encrypt("JBSWY3DP"),
    }  # fmt: skip


def main(target: Path) -> None:
    from unionhall.cli.surroundings import database, home, load_django

    for words in (["migrate", "-v", "0"], ["seed", "--scale", "tiny", "--people", PEOPLE]):
        subprocess.run([sys.executable, "-m", "unionhall", *words], check=True)
    with database():
        load_django()
        facts = act()
        target.mkdir(parents=True, exist_ok=True)
        (target / "facts.json").write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n")
        command = [sys.executable, "-m", "unionhall", "backup", str(target / "release.backup"), "--force"]
        subprocess.run(command, check=True)
    shutil.copy(home() / "keys.json", target / "keys.json")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
