"""What pages show of money: tabs, tones, the arithmetic behind a payment, and its trail."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.scope import Access
from unionhall.kit.money import yuan
from unionhall.rulebook.decisions import outcome_of
from unionhall.rulebook.models import Decision
from unionhall.rulebook.programmes import programme_of
from unionhall.rulebook.reading import Unreadable
from unionhall.rulebook.rules import UnknownRule

from .models import Entry, Payment, PaymentBatch, Recovery

TONES = {
    "due": "info", "batched": "info", "sent": "info", "paid": "ok", "returned": "bad", "reversed": "mute",
    "cancelled": "mute", "drafting": "info", "checking": "warn", "approved": "ok", "closed": "ok",
    "dissolved": "mute", "waiting": "warn", "held": "ok", "spent": "mute", "released": "mute", "open": "warn",
    "received": "ok", "waived": "mute",
}  # fmt: skip


@dataclass(frozen=True)
class Arithmetic:
    """A decision as people read it. `lines` is empty and `why_not` says why where it can no longer be worked out."""

    title: str
    decision: Decision
    reasons: tuple[str, ...]
    lines: tuple[dict[str, Any], ...]
    total: Any
    why_not: str = ""

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The lines and the total as pairs, for the phone."""
        found = [
            (line["label"], f"{line['text']} ＝ {yuan(line['amount'])} 元".removeprefix(" ＝ "))
            for line in self.lines
        ]
        return [*found, ("合计", f"{yuan(self.total)} 元")] if found else []


def arithmetic(payment: Payment) -> Arithmetic | None:
    """The reasons and the sum behind a payment; None for one without a decision (a firm's bill, say)."""
    if payment.decision_id is None:
        return None
    rows = Decision.objects.everywhere(reason="the decision behind a payment that the reader may open")
    decision = rows.select_related("version").get(pk=payment.decision_id)
    known = programme_of(decision.programme)
    title = known.title if known is not None else decision.programme
    try:
        found = outcome_of(decision)
    except (Unreadable, UnknownRule):
        return Arithmetic(
            title, decision, tuple(map(str, decision.reasons)), (), decision.amount,
            "当时的方案现在的程序已经不能重算，理由和金额以当时存档为准。",
        )  # fmt: skip
    lines = found.worked.lines if found.worked is not None else ()
    shown = tuple({"label": line.label, "text": line.text, "amount": line.amount} for line in lines)
    return Arithmetic(title, decision, tuple(map(str, found.reasons)), shown, found.amount)


def trail(payment: Payment, back: Iterable[Recovery] = ()) -> list[dict[str, Any]]:
    """Its entries and those of what is to come back of it, oldest first."""
    which = Q(key__startswith=f"P{payment.pk:012d}.")
    for one in back:
        which |= Q(key__startswith=f"R{one.pk:012d}.")
    rows = Entry.objects.everywhere(reason="the entries of a payment that the reader may open")
    return [
        {
            "at": entry.at,
            "what": entry.get_move_display(),
            "from": entry.credit.get_kind_display(),
            "to": entry.debit.get_kind_display(),
            "amount": entry.amount,
            "memo": entry.memo,
        }
        for entry in rows.filter(which).select_related("debit", "credit").order_by("at", "pk")
    ]


def recoveries(payment: Payment) -> list[Recovery]:
    """What is, or was, to come back of it."""
    rows = Recovery.objects.everywhere(reason="what is to come back of a payment that the reader may open")
    return list(rows.filter(payment=payment).order_by("pk"))


def tabs(current: str, access: Access) -> list[dict[str, Any]]:
    """The parts of the payments desk that the reader may open."""
    parts = (
        ("desk_payments", "付款", "ledger.payments"),
        ("desk_batches", "批次", "ledger.view"),
        ("desk_bank_returns", "银行回盘", "ledger.make"),
        ("desk_budgets", "预算", "ledger.view"),
        ("desk_books", "账目", "ledger.view"),
    )
    return [
        {"label": label, "url": reverse(name), "current": name == current}
        for name, label, permission in parts
        if access.prefixes(permission)
    ]


def steps_of(batch: PaymentBatch) -> list[dict[str, Any]]:
    """Where a batch stands, for the stepper."""
    states = [PaymentBatch.State.DRAFTING, PaymentBatch.State.CHECKING, PaymentBatch.State.APPROVED]
    states += [PaymentBatch.State.SENT, PaymentBatch.State.CLOSED]
    titles = ("制单", "复核", "生成银行文件", "银行处理", "了结")
    notes = (batch.maker, batch.checker, "", "", "")
    times = (batch.made_at, batch.checked_at, batch.sent_at, None, None)
    now = states.index(PaymentBatch.State(batch.state)) if batch.state in states else -1
    found = []
    for place, title in enumerate(titles):
        done = place < now or batch.state == PaymentBatch.State.CLOSED
        at = times[place]
        found.append(
            {
                "title": title, "state": "done" if done else "now" if place == now else "todo",
                "at": timezone.localtime(at) if at is not None and (done or place < now) else None,
                "note": notes[place] if done or place == now else "",
            }
        )  # fmt: skip
    return found
