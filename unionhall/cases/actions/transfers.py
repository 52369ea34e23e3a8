"""跨联合会移送: out as a sealed package, in without anything being typed again; what became of it by a receipt."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from contextlib import closing
from decimal import Decimal
from io import BytesIO
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, models, transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import identity_index
from unionhall.kit.sm import sm3_hex
from unionhall.members.models import Person
from unionhall.organisations.models import Employer, Organisation
from unionhall.records import attachments, scanning
from unionhall.records.actions import journal, notify

from .. import kinds, packages
from ..models import Case, CaseEvent, CaseText, CaseTransfer, Channel
from ..package_facts import EmployerFacts, Facts, PersonFacts, ReceiptFacts, checked, wrong_own
from ..versions import state_label
from . import aid, core
from .aid_arriving import arrive
from .keeping import PURPOSE, Party
from .locking import lock_open, note, require_handler, take_turns, words

__all__ = ["receipt", "send", "take", "take_receipt"]
TRANSFER = "cases.transfer"
Direction = CaseTransfer.Direction
#: What the channel of a case that came from elsewhere is.
CAME = Channel.REFERRAL
#: Of an answer so much goes into a receipt; with its heading it is one text over there.
LONGEST_ANSWER = 19_000


@transaction.atomic
def send(actor: Actor, case: Case, *, federation: str, reason: str) -> tuple[CaseTransfer, bytes]:
    """The case with all its papers, sealed for that federation. It stays open here until the other's receipt."""
    fresh = lock_open(case.pk)
    actor.require(TRANSFER, *fresh.organisation.paths)
    require_handler(actor, fresh, kinds.kind(fresh.kind).handle)
    reason = words(reason, "reason", "请写明移送理由。", 300)
    key = f"{settings.FEDERATION}-{secrets.token_hex(10)}"
    plain, files = packages.write(fresh, key=key, reason=reason)
    with (
        closing(plain),
        closing(packages.seal(cast(BinaryIO, plain), federation=federation, purpose=packages.CASE)) as sealed,
    ):
        content = sealed.read()
    made = CaseTransfer.objects.create(
        key=key, case=fresh, direction=Direction.OUT, federation=federation, reason=reason, files=files,
        digest=sm3_hex(content), actor_name=actor.name[:80],
    )  # fmt: skip
    note(actor, fresh, "sent_away", "移送其他联合会", opinion=f"{federation}：{reason}", shown=True)
    _journal(actor, "cases.sent_away", made, reason)
    return made, content


@transaction.atomic
def take(
    actor: Actor, *, federation: str, file: BinaryIO, organisation: Organisation, kind: str = ""
) -> Case:
    """A case from there becomes one here: facts, parties, texts, history, papers. The same package comes in once.

    Its clocks are those of this place, from today; the former ones are named in its history. `kind`: another kind,
    where this federation cannot open the original one from a package.
    """
    actor.require(TRANSFER, *organisation.paths)
    with closing(packages.open_sealed(file, federation=federation, purpose=packages.CASE)) as plain:
        facts, papers = packages.read(plain)
        _refuse_again(federation, facts)
        try:
            with transaction.atomic():
                case = _opened(actor, facts, organisation, _kind(facts, kind))
        except (IntegrityError, DataError) as wrong:
            # What one table alone refuses, the fields having been checked: a rule between two of them.
            raise wrong_own() from wrong
        count = _papers(actor, case, papers)
    made = CaseTransfer.objects.create(
        key=facts.key, case=case, direction=Direction.IN, federation=federation, reason=facts.reason,
        files=count, remote_number=facts.number, remote_state=facts.state[:20],
        digest=sm3_hex(facts.model_dump_json().encode()), actor_name=actor.name[:80],
    )  # fmt: skip
    note(
        actor,
        case,
        "taken_over",
        "接收移送",
        opinion=f"{federation} {facts.number}：{made.reason}",
        shown=True,
    )
    _journal(actor, "cases.taken_over", made)
    return case


def _refuse_again(federation: str, facts: Facts) -> None:
    """One case of theirs becomes one here. Whoever brings it a second time meanwhile waits, and then hears of it."""
    take_turns(f"cases.transfer:{federation}")
    known = CaseTransfer.objects.everywhere(reason="whether the package came before, wherever it went")
    rows = known.filter(direction=Direction.IN).select_related("case")
    if made := rows.filter(key=facts.key).first():
        raise Refused(f"这个移送包已经接收过，本会编号 {made.case.number}，不用重复接收。", field="file")
    if made := rows.filter(federation=federation, remote_number=facts.number).first():
        raise Refused(f"对方的这件案件已经接收过，本会编号 {made.case.number}，不用重复接收。", field="file")


def _kind(facts: Facts, chosen: str) -> str:
    found = chosen or facts.kind
    if not packages.portable(found):
        raise Refused(f"“{facts.kind_title}”要在本会重新选择办理类别，请选择诉求或劳动争议。", field="kind")
    return found


def _opened(actor: Actor, facts: Facts, organisation: Organisation, kind: str) -> Case:
    rules, first = kinds.kind(kind), facts.first
    case = core.open_case(
        actor, kind=kind, organisation=organisation, title=facts.title, channel=CAME, person=_person(facts.person),
        employer=_employer(facts.employer), division=organisation.division,
        cause=facts.cause if facts.cause in rules.causes else "", headcount=facts.headcount,
        amount=_money(facts.amount), grade=facts.grade if kind == facts.kind else "", occurred_on=facts.occurred_on,
        filed_by=facts.filed_by, statement=facts.texts[first].body if first >= 0 else "",
        parties=[
            Party(one.side, one.name, id_number=one.id_number, phone=one.phone, amount=_money(one.amount))
            for one in facts.parties
        ],
    )  # fmt: skip
    case.is_anonymous = facts.is_anonymous
    if facts.contact:
        case.contact = facts.contact
    case.save(update_fields=["is_anonymous", "contact"])
    _own(case, facts.own if kind == facts.kind else {})
    if kind == aid.KIND:
        arrive(actor, case, facts.state_code if kind == facts.kind else "")
    _told(actor, case, facts)
    return case


def _money(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None


def _employer(given: EmployerFacts | None) -> Employer | None:
    """The same unit by its credit code; one that is not registered here is entered. Without a code: by its name."""
    if given is None:
        return None
    if given.uscc:
        made, _ = Employer.objects.get_or_create(
            uscc=given.uscc, defaults={"name": given.name[:120], "division": given.division[:12]}
        )
        return made
    return Employer.objects.filter(name=given.name, division=given.division).first()


def _person(given: PersonFacts | None) -> Person | None:
    """The person, if the register here knows the number. Nobody is entered into it by a package."""
    if given is None or not given.id_number:
        return None
    rows = Person.objects.everywhere(reason="the person of a case that came from another federation")
    return rows.filter(id_index=identity_index(given.id_type, given.id_number)).first()


def _own(case: Case, carried: dict[str, Any]) -> None:
    """The kind's own row, by the fields both sides know. Refused for a value that its field does not take."""
    model = packages.own_model(case.kind)
    if model is None:
        return
    row = model(case=case)
    for one in packages.carried_fields(model):
        if one.name in carried:
            setattr(row, one.attname, _value(one, carried[one.name], row))
        elif not one.null and not one.has_default() and isinstance(one, models.DateTimeField):
            setattr(row, one.attname, timezone.now())
    row.save(force_insert=True)


def _value(one: Any, given: Any, row: models.Model) -> Any:
    try:
        found = one.to_python(given)
        if found not in one.empty_values:
            one.validate(found, row)
            one.run_validators(found)
    except (ValidationError, ValueError, TypeError, ArithmeticError) as wrong:
        raise wrong_own() from wrong
    return found


def _told(actor: Actor, case: Case, facts: Facts) -> None:
    """What was said and done there, under the names and times it had."""
    written = list(case.texts.order_by("pk")[:1])
    for place, one in enumerate(facts.texts):
        # The first statement came with the opening.
        made = (
            written[0]
            if place == facts.first
            else core.write(actor, case, one.role, one.body, shown=one.shown)
        )
        if made is not None:
            rows = CaseText.objects.everywhere(reason="the text that was just written")
            rows.filter(pk=made.pk).update(at=one.at, actor_id=None, actor_name=_there(facts, one.actor))
    history = [(one.label, one.actor, one.opinion, one.at) for one in facts.events]
    if told := "；".join(f"{one.label} {one.due_at:%Y-%m-%d}（{one.state}）" for one in facts.clocks):
        history.append(("移送前的时限", "", told, timezone.now()))
    CaseEvent.objects.bulk_create(
        CaseEvent(
            case=case, verb="imported", label=label[:30], actor_name=_there(facts, actor_name),
            opinion=opinion[:1000], at=at, path=case.organisation.path,
        )
        for label, actor_name, opinion, at in history
    )  # fmt: skip


def _there(facts: Facts, name: str) -> str:
    return f"{facts.organisation}·{name}"[-80:] if name else facts.organisation[:80]


def _papers(actor: Actor, case: Case, papers: Iterable[packages.Paper]) -> int:
    count = 0
    for one in papers:
        scanning.require_clean(one.content, "file")
        stored = attachments.store(
            actor, BytesIO(one.content), name=one.name, content_type=one.content_type, purpose=PURPOSE,
            paths=case.organisation.paths, size=len(one.content),
        )  # fmt: skip
        core.attach(actor, case, stored, label=one.label)
        count += 1
    return count


# Receipts ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def receipt(actor: Actor, made: CaseTransfer) -> bytes:
    """How the case stands here, sealed for the federation from which it came; with the answers its filer may read."""
    case = made.case
    actor.require(TRANSFER, *case.organisation.paths)
    if made.direction != Direction.IN:
        raise Refused("回执由接收方生成。")
    answers = (
        case.texts.filter(role=CaseText.Role.ANSWER, shown=True)
        .order_by("-pk")
        .values_list("body", flat=True)
    )
    told = {
        "version": packages.VERSION, "key": made.key, "number": case.number, "state": state_label(case),
        "closed": not case.is_open, "answer": answers[0][:LONGEST_ANSWER] if answers else "",
        "at": timezone.now().isoformat(),
    }  # fmt: skip
    plain = packages.as_stream(json.dumps(told, ensure_ascii=False).encode())
    with closing(packages.seal(plain, federation=made.federation, purpose=packages.RECEIPT)) as sealed:
        content = sealed.read()
    made.receipt_at = timezone.now()
    made.save(update_fields=["receipt_at"])
    _journal(actor, "cases.receipt_made", made)
    return content


@transaction.atomic
def take_receipt(actor: Actor, *, federation: str, file: BinaryIO) -> CaseTransfer:
    """The state over there, onto the case here; its owner is told. An older receipt than the last changes nothing."""
    with closing(packages.open_sealed(file, federation=federation, purpose=packages.RECEIPT)) as plain:
        told = checked(plain.read(packages.LARGEST_FACTS), ReceiptFacts)
    rows = CaseTransfer.objects.everywhere(
        reason="the transfer that the receipt names; whoever acts is asked next"
    )
    rows = rows.select_for_update(of=("self",)).select_related("case__organisation")
    made = rows.filter(key=told.key, direction=Direction.OUT, federation=federation).first()
    if made is None or not actor.may(TRANSFER, *made.case.organisation.paths):
        raise Refused("没有找到回执对应的移送，请核对联合会和文件。", field="file")
    if made.receipt_at is not None and told.at <= made.receipt_at:
        raise Refused("这份回执不比上一份新，没有登记。", field="file")
    made.remote_number, made.remote_state = told.number, told.state[:20]
    made.remote_closed, made.receipt_at = told.closed, told.at
    made.save()
    words_of = f"{federation} {made.remote_number}：{made.remote_state}"
    note(
        actor,
        made.case,
        "receipt_taken",
        "移送回执",
        opinion=f"{words_of} {told.answer[:300]}".strip(),
        shown=True,
    )
    if told.answer:
        core.write(actor, made.case, "answer", f"{words_of}\n{told.answer}", shown=True)
    _journal(actor, "cases.receipt_taken", made)
    notify(
        made.case.owner_id, f"移送回执：{made.case.title}"[:100], words_of, f"/desk/cases/{made.case.number}/",
        path=made.case.organisation.path,
    )  # fmt: skip
    return made


def _journal(actor: Actor, action: str, made: CaseTransfer, reason: str = "") -> None:
    case = made.case
    journal(
        actor, action, subject=case, label=case.number, paths=case.organisation.paths, reason=reason,
        digest=made.digest, detail={"transfer": made.key, "federation": made.federation, "files": made.files},
    )  # fmt: skip
