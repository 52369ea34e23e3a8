"""A settlement that takes another's place: the person's year is worked out anew, and only differences move money."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.money import yuan
from unionhall.ledger.actions import Due, adjust, release
from unionhall.ledger.actions.posting import open_books
from unionhall.ledger.models import Commitment, Payment
from unionhall.ledger.reading import budget_for, paid_to_date
from unionhall.members.following import facts_changed
from unionhall.records.actions import journal, notify
from unionhall.rulebook.decisions import decide
from unionhall.rulebook.models import Decision
from unionhall.rulebook.reading import read_content

from ...models import SettlementLine
from ...models.medical import SettlementLineQuerySet
from ...rules import medical as rules
from ...schemes.medical import PROGRAMME
from .adjudicating import REASONS, RULE, UNCOUNTED, Covers, Row, inputs_of, rows_of
from .paying import pay_or_queue, waived_of

__all__ = ["correct"]

State, Reason = SettlementLine.State, SettlementLine.Reason
_NOT_YET = "它更正的原结算还没有理算。请先理算原来的批次，再采纳这一笔。"
_GIVEN_UP = "原结算的付款已由财务撤销，更正没有办理，请人工处理：不再支付的，剔除这一笔。"
_WHY = "a correction of the person's own settlements, by whoever was asked for permission"
_COLUMNS = ("pk", "person_id", "path", "division", "settled_on", "selfpay", "covered", "first")


def correct(actor: Actor, pk: int) -> SettlementLine:
    """Put a line in the place of the one it replaces. The caller's transaction holds the turn.

    Every settlement of the person's year is worked out again in the order in which they were first; a result that
    changes is decided anew beside the old decision, and its payment is adjusted. Where money cannot be moved now
    (it is on its way through the bank, or the budget is spent), or finance has given it up, nothing changes, and the
    line is left to a person.
    """
    line = _lines().select_related("replaces__decision__version").get(pk=pk)
    if line.outcome or line.state != State.MATCHED or line.replaces is None:
        return line
    former = _standing(line)
    if former is None:
        return _leave(line, _GIVEN_UP if _is_given_up(line) else _NOT_YET)
    try:
        with transaction.atomic():
            changed = _rework(actor, line, former)
    except Refused as refusal:
        return _leave(line, str(refusal))
    line.refresh_from_db(from_queryset=_lines())
    if line.person is not None:
        facts_changed(line.person)
    journal(
        actor,
        "benefits.settlement_corrected",
        subject=line,
        label=line.number,
        paths=(line.path,),
        detail={
            "replaces": former.pk,
            "from": str(former.amount),
            "to": str(line.amount),
            "changed": changed,
        },
    )
    return line


def _leave(line: SettlementLine, words: str) -> SettlementLine:
    line.state, line.reason, line.resolution = State.EXCEPTION, Reason.STUCK, words[:200]
    line.save(update_fields=["state", "reason", "resolution"])
    return line


def _lines() -> SettlementLineQuerySet:
    return SettlementLine.objects.everywhere(reason=_WHY)


def _chain(line: SettlementLine) -> SettlementLineQuerySet:
    """What came of this settlement before the line, the first of it among them."""
    return _lines().filter(pk__lt=line.pk, state=State.MATCHED).filter(first=line.root) | _lines().filter(
        pk=line.root
    )


def _is_given_up(line: SettlementLine) -> bool:
    return _chain(line).filter(outcome=SettlementLine.Outcome.REVOKED).exists()


def _standing(line: SettlementLine) -> SettlementLine | None:
    """The line of this settlement that holds now; those between that were never worked out are passed over."""
    chain = _chain(line)
    between = chain.filter(outcome="", state=State.MATCHED).exclude(pk=line.root)
    found: SettlementLine | None = chain.counted().select_related("decision__version").order_by("-pk").first()
    if found is not None:
        between.filter(pk__gt=found.pk).update(state=State.SEEN)
    return found


@dataclass(frozen=True)
class _Sums:
    """A person's year as a settlement finds it, in cents: what he has already, what was counted before.

    `paid` is what the settlements before it give, and what he keeps of any though nobody asks for it any more; `own` is
    that part of it which came with this settlement: a sum that rises is set off against it.
    """

    paid: int
    before: int
    own: int


def _rework(actor: Actor, line: SettlementLine, former: SettlementLine) -> int:
    """Work the year out with the new line in the old one's place; answers how many other results changed."""
    person, year = line.person_id or 0, former.settled_on.year if former.settled_on else 0
    _hold_budgets(line, former, year)
    counted = _lines().counted().filter(person=person, settled_on__year=year)
    standing = {one.pk: one for one in counted.select_related("decision__version")}
    if former.pk not in standing:
        raise Refused(_GIVEN_UP)
    order = _in_order(list(standing.values()))
    opened = {
        row.pk: row for row in rows_of(_lines().filter(pk__in=[*standing, line.pk]).values_list(*_COLUMNS))
    }
    covers, waived = Covers([person]), waived_of(person, year)
    kept = max(0, _cents(paid_to_date(person, PROGRAMME, year)) - sum(_cents(one.amount) for one in order))
    given = before = changed = 0
    for one in order:
        mine, own, then = one.pk == former.pk, waived.get(one.root, 0), _cents(one.amount)
        target = line if mine else one
        row = opened[target.pk]
        amount, counts = _again(actor, target, one, row, _Sums(given + kept, before, own), covers, line)
        changed += not mine and amount != then
        kept -= min(own, max(0, amount - then))
        given += amount
        before += row.selfpay if counts else 0
    return changed


def _hold_budgets(line: SettlementLine, former: SettlementLine, year: int) -> None:
    """Lock what pays the person's year, in the ledger's order: nobody gives one of its payments up meanwhile."""
    mine = {"person": line.person_id, "budget__programme": PROGRAMME, "budget__year": year}
    payments = Payment.objects.everywhere(reason=_WHY).filter(**mine).values_list("budget_id", flat=True)
    promises = Commitment.objects.everywhere(reason=_WHY).filter(**mine).values_list("budget_id", flat=True)
    near = (budget_for(PROGRAMME, year, path) for path in {line.path, former.path})
    open_books({*payments, *promises, *(one.pk for one in near if one is not None)})


def _cents(amount: Decimal) -> int:
    return int(amount * 100)


def _in_order(lines: Sequence[SettlementLine]) -> list[SettlementLine]:
    """In the order in which the settlements were first worked out."""
    roots = {one.root for one in lines}
    when = dict(_lines().filter(pk__in=roots).values_list("pk", "decided_at"))
    return sorted(lines, key=lambda one: (when[one.root], one.root))


def _again(
    actor: Actor,
    target: SettlementLine,
    standing: SettlementLine,
    row: Row,
    sums: _Sums,
    covers: Covers,
    line: SettlementLine,
) -> tuple[int, bool]:
    """Decide one settlement with the year's sums as they are now; answers the sum in cents and whether it counts."""
    held = standing.decision
    assert held is not None
    version, then = read_content(held.version.content), _cents(standing.amount)
    plan = rules.plan_of(version.parameters.amount)
    inputs, case = inputs_of(row, version, sums.paid, sums.before, covers)
    amount, why = rules.quick(plan, case)
    if sums.own and amount >= then:
        inputs, case = inputs_of(row, version, max(0, sums.paid - sums.own), sums.before, covers)
        amount, why = rules.quick(plan, case)
    reason = REASONS[why[0]]
    if target is standing and amount == then:
        return amount, reason not in UNCOUNTED
    key = f"medical:{target.pk:012d}" + ("" if target is line else f".{line.pk}")
    decision = decide(
        actor, key=key, version=version, rule=RULE, person=row.person, path=row.path, on=row.on,
        inputs=json.loads(inputs), replaces=held,
    )  # fmt: skip
    _move(actor, target, standing, decision, line)
    target.decision, target.amount, target.outcome = decision, decision.amount, decision.outcome
    target.reason, target.decided_at = reason, timezone.now()
    target.save(update_fields=["decision", "amount", "outcome", "reason", "decided_at"])
    if target is not standing:
        standing.corrected_by = target
        standing.save(update_fields=["corrected_by"])
    return amount, reason not in UNCOUNTED


def _move(
    actor: Actor, target: SettlementLine, standing: SettlementLine, decision: Decision, line: SettlementLine
) -> None:
    """Bring what the person gets for a settlement to what was decided now, and tell him."""
    sum_now, sum_then = Decimal(decision.amount), Decimal(standing.amount)
    if sum_now == sum_then:
        return
    key = standing.payment_key
    payment = Payment.objects.everywhere(reason=_WHY).filter(key=key).first()
    if payment is not None:
        adjust(actor, payment=payment, amount=sum_now, decision=decision, reason="医保结算更正")
    else:
        _commit_again(actor, target, key, decision, line)
    account = target.person.account_id if target.person is not None else None
    change = "增加" if sum_now > sum_then else "减少"
    notify(
        account, "医疗互助金有更正",
        f"医保更正了结算，互助金由 {yuan(sum_then)} 元{change}到 {yuan(sum_now)} 元。",
        f"/m/benefits/medical/{target.pk}/", target.path,
    )  # fmt: skip


def _commit_again(
    actor: Actor, target: SettlementLine, key: str, decision: Decision, line: SettlementLine
) -> None:
    """Nothing was paid yet: what waits in line is given up, and the new sum takes its place there, or is due.

    A promise that was given up keeps its name: the new one has another, whatever became of those before.
    """
    promises = list(Commitment.objects.everywhere(reason=_WHY).filter(key__startswith=key))
    at, again = timezone.now(), f".{line.pk}" if promises else ""
    for promise in promises:
        if promise.is_live:
            at = promise.submitted_at
            release(actor, commitment=promise, reason="医保结算更正")
    if not decision.amount:
        return
    assert target.settled_on is not None
    budget = budget_for(PROGRAMME, target.settled_on.year, target.path)
    if budget is None:
        raise Refused("没有可用的预算，更正没有办成。请财务人员设立预算后重新处理。")
    row = Due(key, target.person_id or 0, Decimal(decision.amount), decision.pk, "", target.path)
    pay_or_queue(actor, budget, [row], submitted_at=at, again=again)
