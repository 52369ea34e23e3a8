"""What a case keeps: texts, files and parties. Whether the actor may add them is asked by the action that calls."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.kit.text import clean
from unionhall.members.models import Person
from unionhall.organisations.models import Employer
from unionhall.records import attachments, drafts
from unionhall.records.actions import journal
from unionhall.records.models import Attachment
from unionhall.records.uploads import Upload

from ..models import Case, CaseFile, CaseParty, CaseText
from ..search import words_of

#: What the files of cases are kept as; only the case's own pages hand them out.
PURPOSE = "cases.file"
LONGEST_TEXT = 20_000
MOST_FILES = 50


@dataclass(frozen=True)
class Party:
    """Someone on one of the sides, before the case is there."""

    side: str
    name: str
    person: Person | None = None
    employer: Employer | None = None
    id_number: str = ""
    phone: str = ""
    amount: Decimal | None = None


def add_party(case: Case, party: Party) -> CaseParty:
    """Numbers are sealed on the way in."""
    return CaseParty.objects.create(
        case=case,
        side=CaseParty.Side(party.side),
        name=party.name.strip()[:120],
        person=party.person,
        employer=party.employer,
        id_number=party.id_number.strip() or None,
        phone=party.phone.strip() or None,
        amount=party.amount,
    )


@transaction.atomic
def write(
    actor: Actor, case: Case, role: str, body: str, *, shown: bool = False, heading: str = ""
) -> CaseText | None:
    """Keep what was said: with numbers hidden to read and search, as it was sealed. None for nothing.

    `heading` is found by the search with the text; a heading alone is kept as the text.
    """
    plain = clean(body) or heading
    if not plain:
        return None
    if len(plain) > LONGEST_TEXT:
        raise Refused(
            f"不超过 {LONGEST_TEXT} 个字，现有 {len(plain)} 个字。请把全文作为附件上传。", field="body"
        )
    hidden = hide_numbers(plain)
    return CaseText.objects.create(
        case=case,
        role=CaseText.Role(role),
        body=hidden,
        original=plain if hidden != plain else None,
        words=words_of(f"{heading}\n{hidden}" if heading else hidden),
        actor_id=actor.account_id,
        actor_name=actor.name[:80],
        shown=shown,
        at=timezone.now(),
    )


@transaction.atomic
def attach(
    actor: Actor,
    case: Case,
    file: Upload | Attachment,
    *,
    label: str = "",
    shown: bool = False,
    template: str = "",
) -> CaseFile:
    """Keep a file with the case: an upload that was checked, or an attachment that is stored already."""
    if case.files.count() >= MOST_FILES:
        raise Refused(f"一件案件最多 {MOST_FILES} 个附件，请合并后上传。", field="file")
    if isinstance(file, Upload):
        file = attachments.store(
            actor, file.content, name=file.name, content_type=file.content_type, purpose=PURPOSE,
            paths=case.organisation.paths, size=file.size,
        )  # fmt: skip
    elif drafts.is_paper(file):
        drafts.adopt(file, purpose=PURPOSE, paths=case.organisation.paths)
    made = CaseFile.objects.create(
        case=case,
        attachment=file,
        label=hide_numbers(label.strip() or file.name)[:80],
        template=template[:40],
        shown=shown,
        actor_id=actor.account_id,
        at=timezone.now(),
    )
    journal(
        actor, "cases.file_added", subject=case, label=case.number, paths=case.organisation.paths,
        detail={"file": made.pk, "template": template, "size": file.size},
    )  # fmt: skip
    return made
