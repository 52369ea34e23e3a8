"""What a handler does on the page of a case beside its moves: write, attach, open a paper, reveal a number."""

from __future__ import annotations

import json

from django.db import transaction

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal
from unionhall.records.uploads import Upload

from .. import kinds
from ..models import Case, CaseFile, CaseParty, CaseText
from . import core
from .locking import WHY, note, require_handler, words

#: What may be revealed of a party.
REVEALABLE = {"id_number": "证件号码", "phone": "手机号"}


def may_handle(actor: Actor, case: Case) -> bool:
    return actor.may(kinds.kind(case.kind).handle, *case.organisation.paths)


def require_hand(actor: Actor, case: Case) -> None:
    """The actor handles cases of this kind there, and this one is not his own."""
    require_handler(actor, case, kinds.kind(case.kind).handle)


@transaction.atomic
def keep_text(actor: Actor, case: Case, *, role: str, body: str) -> CaseText:
    """An internal note or a record of what was said."""
    require_hand(actor, case)
    made = core.write(actor, case, role, words(body, "body", "请写明内容。", 20_000))
    assert made is not None
    note(actor, case, "noted", f"添加{made.get_role_display()}")
    journal(
        actor,
        "cases.noted",
        subject=case,
        label=case.number,
        paths=case.organisation.paths,
        detail={"role": role},
    )
    return made


@transaction.atomic
def keep_file(actor: Actor, case: Case, *, upload: Upload, label: str, shown: bool) -> CaseFile:
    require_hand(actor, case)
    made = core.attach(actor, case, upload, label=label, shown=shown)
    note(actor, case, "file_added", "添加材料", opinion=made.label, shown=shown)
    return made


@transaction.atomic
def note_opening(actor: Actor, case: Case, file: CaseFile) -> None:
    """Who opened a paper, in the journal."""
    journal(
        actor, "cases.file_opened", subject=case, label=case.number, paths=case.organisation.paths,
        detail={"file": file.pk, "attachment": file.attachment_id},
    )  # fmt: skip


@transaction.atomic
def reveal_party(actor: Actor, case: Case, *, party: CaseParty, what: str, reason: str) -> str:
    """A party's whole number, for a reason that the journal keeps."""
    require_hand(actor, case)
    reason = words(reason, "reason", "请写明查看原因。", 200)
    sealed = getattr(party, what)
    if what not in REVEALABLE or sealed is None:
        raise Refused("没有登记这个号码。")
    journal(
        actor, "cases.party_revealed", subject=case, label=case.number, paths=case.organisation.paths, reason=reason,
        detail={"party": party.pk, "what": what},
    )  # fmt: skip
    return str(sealed.reveal())


@transaction.atomic
def reveal_contact(actor: Actor, case: Case, *, reason: str) -> str:
    """Name, phone and workplace as they were left, for a reason that the journal keeps."""
    require_hand(actor, case)
    reason = words(reason, "reason", "请写明查看原因。", 200)
    if case.contact is None:
        raise Refused("没有留联系方式。")
    journal(
        actor,
        "cases.contact_revealed",
        subject=case,
        label=case.number,
        paths=case.organisation.paths,
        reason=reason,
    )
    labels = {"name": "姓名", "phone": "电话", "employer": "单位", "address": "地址"}
    held: dict[str, str] = json.loads(case.contact.reveal())
    return "；".join(f"{labels.get(key, key)}：{value}" for key, value in held.items())


def union_named(text: str) -> Organisation:
    """A union by its code or its whole name. Raises Refused where there is none or more than one."""
    rows = Organisation.objects.everywhere(reason=WHY).active()
    found = list(rows.filter(code=text.strip())[:1]) or list(rows.filter(name=text.strip())[:2])
    if len(found) != 1:
        raise Refused("没有找到这个工会，或者同名的不止一个。请填组织代码。", field="union")
    return found[0]


def case_numbered(actor: Actor, number: str) -> Case:
    """Another case that the actor may see."""
    rows = Case.objects.visible_to(actor.access).select_related("organisation")
    found = rows.filter(number=number.strip().upper()).first()
    if found is None:
        raise Refused("没有找到这个编号的案件，或者您看不到它。请核对编号。", field="number")
    return found
