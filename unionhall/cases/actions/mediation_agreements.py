"""调解协议: drafted, signed by both sides and the mediator, then in force; its payments, until it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.records.actions import journal

from ..documents import make
from ..models import Agreement, Case, Dispute, Instalment, Signature
from ..rules.disputes import Promise, digest_of, promise_mistake
from . import core
from .disputes import require_hand
from .locking import keep_out, lock_open, note, words

_WHY = "the agreement of a case; who acts was asked"
State, Side, Way = Agreement.State, Signature.Side, Signature.Way


def agreement_of(case: Case) -> Agreement | None:
    """The agreement that stands, drafted or in force."""
    rows = Agreement.objects.everywhere(reason=_WHY).filter(case=case).exclude(state=State.VOID)
    return rows.first()


@transaction.atomic
def draft(actor: Actor, *, case: Case, terms: str, amount: Decimal, promises: Sequence[Promise]) -> Agreement:
    """Write down the terms. A former draft is void, and with it what was signed; nothing is altered in place."""
    fresh = lock_open(case.pk)
    require_hand(actor, fresh)
    said = hide_numbers(words(terms, "terms", "请写明协议内容。", 5_000))
    if wrong := promise_mistake(amount, promises, timezone.localdate()):
        raise Refused(wrong, "instalments")
    former = agreement_of(fresh)
    if former is not None and former.state != State.DRAFT:
        raise Refused("协议已经生效，不能再改。")
    if former is not None:
        former.state = State.VOID
        former.save(update_fields=["state"])
    core.move(actor, fresh, "draft", by_right=True)
    made = Agreement.objects.create(
        case=fresh, terms=said, amount=amount, drafted_by=actor.name[:80],
        digest=digest_of(fresh.number, said, amount, promises),
    )  # fmt: skip
    Instalment.objects.bulk_create(
        Instalment(agreement=made, number=place, due_on=one.due_on, amount=one.amount)
        for place, one in enumerate(promises, start=1)
    )
    _journal(actor, fresh, "cases.agreement_drafted", agreement=made.pk, digest=made.digest)
    return made


def _journal(actor: Actor, case: Case, action: str, **detail: object) -> None:
    journal(
        actor, action, subject=case, label=case.number, paths=case.organisation.paths, detail=dict(detail)
    )


@transaction.atomic
def sign(
    actor: Actor, *, case: Case, side: str, name: str = "", digest: str = "", on_paper: bool = False
) -> Agreement:
    """One side's signature. The worker presses on the phone what he read (`digest`); the mediator at his desk.

    `on_paper`: who has the case in hand notes what was signed by hand. When all three have signed it is in force.
    """
    fresh = lock_open(case.pk)
    found = agreement_of(fresh)
    if found is None or found.state != State.DRAFT:
        raise Refused("没有等待签字的协议。请刷新页面查看最新情况。")
    if digest and digest != found.digest:
        raise Refused("协议内容已经改过，请重新阅读后再签。")
    way, who = _signer(actor, fresh, Side(side), name, on_paper)
    try:
        with transaction.atomic():
            Signature.objects.create(
                agreement=found,
                side=side,
                way=way,
                name=who,
                digest=found.digest,
                account_id=actor.account_id,
            )
    except IntegrityError:
        raise Refused("这一方已经签过。") from None
    note(actor, fresh, "signed", "协议签字", opinion=f"{Side(side).label}：{Way(way).label}", shown=True)
    _journal(
        actor, fresh, "cases.agreement_signed", agreement=found.pk, side=side, way=way, digest=found.digest
    )
    if found.signatures.count() == len(Side.values):
        _take_effect(actor, fresh, found)
    return found


def _signer(actor: Actor, case: Case, side: str, name: str, on_paper: bool) -> tuple[str, str]:
    """The way, and the name that signs. A worker signs his own on the phone; all else is for who has it in hand."""
    if on_paper:
        require_hand(actor, case)
        return Way.PAPER, words(name, "name", "请写明签字人。", 80)
    if side == Side.WORKER:
        mine = {case.filed_by_id, case.person.account_id if case.person is not None else None} - {None}
        if actor.account_id not in mine:
            raise Refused("手机确认只能由申请人本人登录后进行；代签的请登记纸质签字。")
        return Way.PHONE, (case.person.name if case.person is not None else case.filed_by)[:80]
    require_hand(actor, case)
    if side == Side.EMPLOYER:
        raise Refused("用人单位在纸质协议上签字盖章，请选择纸质签字。")
    return Way.DESK, actor.name[:80]


def _take_effect(actor: Actor, case: Case, found: Agreement) -> None:
    """All have signed (调解仲裁法 art. 14): in force from today; the paper is made and shown to the worker."""
    found.state, found.effective_on = State.EFFECTIVE, timezone.localdate()
    found.save(update_fields=["state", "effective_on"])
    core.move(actor, case, "agree", by_right=True)
    make(actor, case, "mediation_agreement")
    if not found.amount and not found.instalments.exists():
        note(actor, case, "performance", "协议没有付款内容，履行后由承办人登记", shown=False)


@transaction.atomic
def confirm(actor: Actor, *, case: Case, number: str, on: date) -> Agreement:
    """A court confirmed it: its ruling's number and day. The agreement can now be enforced."""
    fresh = lock_open(case.pk)
    actor.require("cases.disputes_handle", *fresh.organisation.paths)
    keep_out(actor, fresh)
    found = agreement_of(fresh)
    if found is None or found.effective_on is None:
        raise Refused("没有生效的协议。")
    if on < found.effective_on or on > timezone.localdate():
        raise Refused("确认日期应在协议生效之后、今天之前。", "on")
    found.force_number, found.force_on = words(number, "number", "请填写裁定书号。", 60), on
    found.save(update_fields=["force_number", "force_on"])
    core.move(actor, fresh, "confirm", opinion=f"裁定书 {found.force_number}，{on}", by_right=True)
    return found


@transaction.atomic
def pay(actor: Actor, *, case: Case, instalment: int, on: date, note_words: str = "") -> Instalment:
    """An instalment came. When the last one has, the agreement is kept and the case is performed."""
    fresh = lock_open(case.pk)
    require_hand(actor, fresh)
    found = agreement_of(fresh)
    if found is None or found.state != State.EFFECTIVE:
        raise Refused("没有正在履行的协议。")
    rows = found.instalments.select_for_update()
    row = rows.filter(number=instalment).first()
    if row is None or row.paid_on is not None:
        raise Refused("这一期已经登记过付款。", "instalment")
    if on > timezone.localdate():
        raise Refused("付款日期不能晚于今天。", "on")
    row.paid_on, row.note = on, hide_numbers(note_words.strip())[:100]
    row.save(update_fields=["paid_on", "note"])
    total = found.instalments.exclude(paid_on=None).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    Dispute.objects.everywhere(reason=_WHY).filter(case=fresh).update(recovered=total)
    note(actor, fresh, "paid", f"第{row.number}期已付", shown=True)
    _journal(actor, fresh, "cases.instalment_paid", agreement=found.pk, number=row.number)
    if not found.instalments.filter(paid_on=None).exists():
        found.state = State.KEPT
        found.save(update_fields=["state"])
        core.move(actor, fresh, "perform", by_right=True)
    return row
