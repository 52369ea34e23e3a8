"""What a review of a claim leads to: assessment by the scheme's rule, money, an end."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor, SystemAccess, system_actor
from unionhall.foundation.errors import Refused
from unionhall.kit.money import yuan
from unionhall.ledger import actions as ledger
from unionhall.ledger.models import Commitment, Payment
from unionhall.ledger.models.payments import PaymentQuerySet
from unionhall.ledger.reading import budget_for
from unionhall.members.models import Person
from unionhall.records.actions import journal, notify
from unionhall.reviews.models import Review
from unionhall.rulebook.decisions import decide

from ..models import CoverClaim
from ..schemes.cover import PROGRAMMES
from .cover_claims import WHY, Stage, inputs_of, version_of

__all__ = [
    "approve",
    "claim_of",
    "close_paid",
    "pay_held",
    "reopen",
    "set_back",
    "taken_back",
    "was_paid",
]

PURPOSE = "benefits.cover_claim"


def claim_of(review: Review) -> CoverClaim:
    rows = CoverClaim.objects.everywhere(
        reason="the matter of a review that the caller has loaded under scope"
    )
    return rows.select_related("person", "organisation", "enrolment", "payee", "review").get(review=review)


@transaction.atomic
def approve(actor: Actor, claim: CoverClaim) -> CoverClaim:
    """After the last step: the rule decides the sum, the budget holds it, the payment comes due.

    Raises Refused, so that the approval is undone, when the scheme gives nothing or nobody has set up a budget.
    """
    hand = Actor(actor.account_id, actor.name, SystemAccess(), actor.trace)
    # What he was paid so far counts against the cap: his claims are decided one after the other.
    Person.objects.everywhere(reason=WHY).select_for_update(no_key=True).get(pk=claim.person_id)
    union, version = claim.organisation, version_of(claim)
    decision = decide(
        hand, key=claim.key, version=version, rule=f"{claim.programme}.assess", person=claim.person_id,
        path=union.path, on=claim.event_on, inputs=inputs_of(claim),
    )  # fmt: skip
    if decision.outcome != "granted":
        raise Refused(f"按方案不能给付：{decision.reasons[0]}。请不予通过，并写明理由。")
    budget = budget_for(claim.programme, timezone.localdate().year, union.path)
    if budget is None:
        raise Refused(
            f"{timezone.localdate().year} 年还没有设立“{version.title}”预算，请财务人员先设立预算。"
        )
    claim.decision, claim.stage = decision, Stage.APPROVED
    claim.save(update_fields=["decision", "stage"])
    assert claim.submitted_at is not None
    commitment = ledger.commit(
        hand, key=claim.key, budget=budget, person=claim.person, amount=decision.amount, decision=decision,
        submitted_at=claim.submitted_at, purpose=PURPOSE, path=union.path,
    )  # fmt: skip
    journal(
        actor,
        "benefits.cover_assessed",
        subject=claim,
        label=f"理赔 {claim.pk}",
        paths=union.paths,
        detail={"amount": str(decision.amount), "programme": claim.programme, "decision": decision.pk},
    )
    if commitment.state == Commitment.State.HELD:
        _pay(hand, claim, commitment)
    tail = (
        "正在安排付款。"
        if commitment.state == Commitment.State.HELD
        else "预算暂时用完，按提交先后排队付款。"
    )
    _tell(claim, f"理赔已批准：{yuan(decision.amount)} 元", tail)
    return claim


def _pay(actor: Actor, claim: CoverClaim, commitment: Commitment) -> None:
    ledger.pay(actor, key=claim.key, purpose=PURPOSE, commitment=commitment, payee=claim.payee)


def _tell(claim: CoverClaim, title: str, body: str) -> None:
    """The person; for a death whoever handed the claim in for the kin."""
    recipient = claim.created_by_id if claim.by_kin else claim.person.account_id
    url = f"/desk/cover/claims/{claim.pk}/" if claim.by_kin else f"/m/benefits/cover/claims/{claim.pk}/"
    notify(recipient, title, body, url, claim.organisation.path)


def pay_held(actor: Actor, commitment: Commitment) -> None:
    """Money was found for a claim that had waited in line."""
    rows = CoverClaim.objects.everywhere(reason=WHY).select_related("person", "organisation", "payee")
    claim = rows.get(decision=commitment.decision_id)
    _pay(actor, claim, commitment)
    _tell(claim, "理赔款已安排付款", "排队的预算已经到位。")


def _claims(payments: PaymentQuerySet, *stages: Stage) -> list[CoverClaim]:
    rows = CoverClaim.objects.everywhere(reason=WHY).select_related("person", "organisation")
    return list(rows.filter(stage__in=stages, decision__in=list(payments.values_list("decision", flat=True))))


def was_paid(actor: Actor, payments: PaymentQuerySet) -> None:
    """The bank paid."""
    for claim in _claims(payments, Stage.APPROVED):
        claim.stage, claim.paid_at = Stage.PAID, timezone.now()
        claim.save(update_fields=["stage", "paid_at"])
        _tell(claim, "理赔款已付款", "银行已付款，请留意到账。计算过程可以在理赔记录里查看。")


def set_back(actor: Actor, payments: PaymentQuerySet) -> None:
    """The bank sent the money back."""
    for claim in _claims(payments, Stage.PAID):
        claim.stage, claim.paid_at = Stage.APPROVED, None
        claim.save(update_fields=["stage", "paid_at"])
    for claim in _claims(payments, Stage.APPROVED):
        _tell(claim, "理赔款被银行退回", "请核对收款账户，改正后会重新付款。")


def taken_back(actor: Actor, payments: PaymentQuerySet) -> None:
    """The payment was cancelled or is to be recovered: the event is not paid any more, and the person is told."""
    found = {payment.key: payment for payment in payments}
    for claim in _claims(payments, Stage.APPROVED, Stage.PAID, Stage.CLOSED):
        payment = found[claim.key]
        end_as(claim, Stage.REJECTED)
        journal(
            actor, "benefits.cover_revoked", subject=claim, label=f"理赔 {claim.pk}",
            paths=claim.organisation.paths, reason=payment.reason,
        )  # fmt: skip
        paid = payment.state == Payment.State.REVERSED
        what = "已经发放的款项需要退回，请按工会通知办理。" if paid else "款项不再发放。"
        _tell(claim, "理赔已撤销", f"{what}有疑问请联系所在工会。")


def end_as(claim: CoverClaim, stage: Stage) -> None:
    """It ended without money: refused, withdrawn, or its payment given up."""
    claim.stage = stage
    claim.save(update_fields=["stage"])


def reopen(claim: CoverClaim) -> None:
    """An appeal puts a refused claim under review again, unless the event was claimed anew meanwhile."""
    try:
        with transaction.atomic():
            end_as(claim, Stage.REVIEWING)
    except IntegrityError:
        raise Refused("这次事故已经重新申请，请在新的申请里办理。") from None


def close_paid() -> int:
    """结案: claims whose money has been out for as long as the scheme waits for complaints."""
    today, count = timezone.localdate(), 0
    for code in PROGRAMMES:
        days = max((one.parameters.close_after_days for one in rulebook.versions(code)), default=30)
        rows = CoverClaim.objects.everywhere(reason=WHY).filter(programme=code, stage=Stage.PAID)
        count += rows.filter(paid_at__date__lte=today - timedelta(days=days)).update(
            stage=Stage.CLOSED, closed_at=timezone.now()
        )
    if count:
        journal(system_actor("保险保障"), "benefits.cover_claims_closed", detail={"count": count})
    return count
