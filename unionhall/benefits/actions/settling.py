"""Once a month a merchant and its union agree on what was redeemed; the union's part is paid through the ledger."""

from datetime import date, datetime, time
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.money import yuan
from unionhall.kit.periods import months_after
from unionhall.ledger.actions import pay
from unionhall.ledger.models import Payment, Recovery
from unionhall.ledger.models.payments import PaymentQuerySet
from unionhall.ledger.reading import budget_for, kept
from unionhall.records.actions import digest_of, journal
from unionhall.rulebook.decisions import decide

from ..catalogue import version_in
from ..models import Merchant, Reconciliation, Redemption, Service, Teller
from ..rules.member_services import PROGRAMME

PURPOSE = "benefits.services"
_WHY = "the redemptions of one merchant, for its statement; who may is asked here"


@transaction.atomic
def make_reconciliation(
    actor: Actor, *, merchant: Merchant, month: date, today: date | None = None
) -> Reconciliation:
    """Gather what was redeemed up to the end of the month and stands in no statement yet; late uploads come with it."""
    actor.require("benefits.services_settle", *merchant.organisation.paths)
    first = month.replace(day=1)
    after = months_after(first, 1)
    if after > (today or timezone.localdate()):
        raise Refused("这个月还没有过完，下个月 1 日起可以生成对账单。", "month")
    try:
        with transaction.atomic():
            made = Reconciliation.objects.create(merchant=merchant, month=first)
    except IntegrityError:
        raise Refused(f"{merchant.name} {first:%Y-%m} 的对账单已经生成。", "month") from None
    rows = Redemption.objects.everywhere(reason=_WHY).filter(merchant=merchant, reconciliation=None)
    end = timezone.make_aware(datetime.combine(after, time()))
    rows.filter(at__lt=end).update(reconciliation=made)
    own = Redemption.objects.everywhere(reason=_WHY).filter(reconciliation=made)
    start = timezone.make_aware(datetime.combine(first, time()))
    found = own.aggregate(
        count=Count("pk"), amount=Sum("reimbursed", default=0), late=Count("pk", filter=Q(at__lt=start)),
        free=Count("pk", filter=Q(service__kind=Service.Kind.FREE)),
    )  # fmt: skip
    if not found["count"]:
        raise Refused(f"{merchant.name} 到 {first:%Y-%m} 月底没有未对账的核销，不用生成对账单。", "month")
    for name, value in found.items():
        setattr(made, name, value)
    made.save(update_fields=list(found))
    rows_of = list(own.order_by("pk").values_list("pk", "voucher_id", "reimbursed"))
    _note(actor, "benefits.statement_made", made, digest=digest_of(rows_of))
    return made


def _note(actor: Actor, action: str, found: Reconciliation, *, reason: str = "", digest: str = "") -> None:
    journal(
        actor, action, subject=found, label=f"{found.merchant.name} {found.month:%Y-%m}", reason=reason,
        paths=found.merchant.organisation.paths, digest=digest,
        detail={"count": found.count, "amount": str(found.amount)},
    )  # fmt: skip


def _locked(found: Reconciliation, *states: str) -> Reconciliation:
    rows = Reconciliation.objects.everywhere(reason=_WHY).select_related(
        "merchant__organisation", "merchant__payee"
    )
    now = rows.select_for_update(of=("self",)).get(pk=found.pk)
    if now.state not in states:
        raise Refused(f"对账单现在是“{now.get_state_display()}”，不能这样办理。请刷新页面。")
    return now


def _require_till(actor: Actor, teller: Teller, found: Reconciliation) -> None:
    actor.require("benefits.redeem", *found.merchant.organisation.paths)
    if (
        teller.account_id != actor.account_id
        or teller.until is not None
        or teller.merchant_id != found.merchant_id
    ):
        raise Refused("只能办理本商户的对账单。")


@transaction.atomic
def agree(actor: Actor, *, teller: Teller, reconciliation: Reconciliation) -> Reconciliation:
    """The merchant says that the statement is right."""
    found = _locked(reconciliation, "open", "disputed")
    _require_till(actor, teller, found)
    found.state, found.agreed_at, found.agreed_by = found.State.AGREED, timezone.now(), actor.name
    found.save(update_fields=["state", "agreed_at", "agreed_by"])
    _note(actor, "benefits.statement_agreed", found)
    return found


@transaction.atomic
def dispute(actor: Actor, *, teller: Teller, reconciliation: Reconciliation, words: str) -> Reconciliation:
    """The merchant says what is wrong; the union answers."""
    found = _locked(reconciliation, "open")
    _require_till(actor, teller, found)
    if not words.strip():
        raise Refused("请写明哪里不对，例如少了哪几笔。", "words")
    found.state, found.words, found.answer = found.State.DISPUTED, words.strip()[:300], ""
    found.save(update_fields=["state", "words", "answer"])
    _note(actor, "benefits.statement_disputed", found, reason=words)
    return found


@transaction.atomic
def answer(actor: Actor, *, reconciliation: Reconciliation, words: str) -> Reconciliation:
    """The union answers an objection; the merchant looks again."""
    found = _locked(reconciliation, "disputed")
    actor.require("benefits.services_settle", *found.merchant.organisation.paths)
    if not words.strip():
        raise Refused("请写明核实的结果。", "words")
    found.state, found.answer = found.State.OPEN, words.strip()[:300]
    found.save(update_fields=["state", "answer"])
    _note(actor, "benefits.statement_answered", found, reason=words)
    return found


@transaction.atomic
def confirm(actor: Actor, *, reconciliation: Reconciliation) -> Reconciliation:
    """The union confirms what the merchant agreed to; what it owes comes due in the ledger, once.

    After a payment that was given up it confirms anew: Refused while that payment's money is to come back. What nobody
    asks the merchant for any more is not owed a second time: only the rest comes due.
    """
    found = _locked(reconciliation, "agreed")
    actor.require("benefits.services_settle", *found.merchant.organisation.paths)
    found.state, found.confirmed_at, found.confirmed_by = found.State.CONFIRMED, timezone.now(), actor.name
    if found.amount:
        found.payment = _owe(actor, found)
    found.save(update_fields=["state", "confirmed_at", "confirmed_by", "payment"])
    _note(actor, "benefits.statement_confirmed", found)
    return found


def _owe(actor: Actor, found: Reconciliation) -> Payment:
    merchant, on, former = found.merchant, timezone.localdate(), found.payment
    path = merchant.organisation.path
    had = _kept(found)
    if had:
        _note(
            actor, "benefits.statement_kept", found, reason=f"上次付款有 {yuan(had)} 元不再收回，抵作本次应付"
        )
    if former is not None and had == found.amount:
        return former
    if merchant.payee is None:
        raise Refused(f"还没有登记{merchant.name}的收款账户，请先在商户资料里登记。")
    key = _next_key(found)
    budget = budget_for(PROGRAMME, on.year, path)
    if budget is None:
        raise Refused(f"{merchant.organisation.name}还没有 {on.year} 年会员服务预算，请先设立预算。")
    rows = Redemption.objects.everywhere(reason=_WHY).filter(reconciliation=found, reimbursed__gt=0)
    lines = rows.values_list("service__title", "reimbursed").annotate(n=Count("pk")).order_by("service_id")
    decision = decide(
        actor, key=key, version=version_in(merchant.organisation.division, on), rule="services.settle", person=None,
        path=path, on=on, replaces=former.decision if former is not None else None,
        inputs={"lines": [[title, count, str(each)] for title, each, count in lines]},
    )  # fmt: skip
    if decision.amount != found.amount:
        raise Refused(
            f"逐项合计 {yuan(decision.amount)} 元与对账单 {yuan(found.amount)} 元不一致，没有付款。"
        )
    return pay(
        actor, key=key, purpose=PURPOSE, budget=budget, payee=merchant.payee,
        amount=found.amount - had, decision=decision, path=path,
    )  # fmt: skip


def _kept(found: Reconciliation) -> Decimal:
    """What the merchant has of payments that were given up, in yuan. Refused while any of it is to come back."""
    own = Q(key=_root(found)) | Q(key__startswith=f"{_root(found)}.")
    former = list(Payment.objects.everywhere(reason=_WHY).filter(own).values_list("pk", flat=True))
    back = Recovery.objects.everywhere(reason=_WHY).filter(payment__in=former, state=Recovery.State.OPEN)
    if out := back.aggregate(total=Sum("amount"))["total"]:
        raise Refused(f"上一次付款还有 {yuan(out)} 元没有收回，收回或者确定不再收回以后才能再次确认。")
    return sum(kept(former).values(), Decimal("0.00"))


def _root(found: Reconciliation) -> str:
    return f"services:{found.pk}"


def _next_key(found: Reconciliation) -> str:
    """The name of its next decision and payment: services:17, after one that was given up services:17.2."""
    if found.payment is None:
        return _root(found)
    root, _, times = found.payment.key.partition(".")
    return f"{root}.{int(times or 1) + 1}"


def root_of(key: str) -> int:
    """The statement behind a payment's key."""
    return int(key.removeprefix("services:").partition(".")[0])


def taken_back(actor: Actor, payments: PaymentQuerySet) -> None:
    """The payment was cancelled or is to be recovered: the union confirms the statement once more."""
    rows = Reconciliation.objects.everywhere(reason=_WHY).select_related("merchant__organisation")
    rows = rows.select_for_update(of=("self",)).filter(payment__in=payments, state="confirmed").order_by("pk")
    for found in rows:
        found.state, found.confirmed_at, found.confirmed_by = found.State.AGREED, None, ""
        found.save(update_fields=["state", "confirmed_at", "confirmed_by"])
        _note(actor, "benefits.statement_reopened", found)
