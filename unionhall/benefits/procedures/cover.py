"""Claims under review, and the ledger's word for their money."""

from django.urls import reverse

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.money import yuan
from unionhall.ledger import purposes
from unionhall.ledger.models import Payment
from unionhall.members import consents
from unionhall.reviews.models import Review
from unionhall.reviews.procedures import Appeal, Procedure, ReturnItem, register

from ..actions import cover_settling as settling
from ..actions import plans, plans_paying
from ..actions.cover_claims import (
    CONSENT,
    PROCEDURE,
    Stage,
    assessed,
    missing,
    papers_of,
    peril_of,
    version_of,
)
from ..models import CoverClaim, PlanPurchase

consents.register(
    consents.Purpose(
        CONSENT,
        "保险保障理赔（健康信息，敏感个人信息）",
        "我单独同意工会为办理理赔使用我提交的诊断、伤残等级等健康信息。这些内容加密保存，只有办理理赔的人能看。",
        "撤回后不能再提交涉及健康信息的理赔申请；已经提交的申请在办理和法定保存期内继续加密保存。",
        sensitive=True,
    )
)


def facts(review: Review) -> list[tuple[str, str]]:
    """What each step decides on. Particulars of health are read on the claim's own page, under its own permission."""
    claim = settling.claim_of(review)
    found, period = assessed(claim), claim.enrolment.period
    until = "至今" if period.upper is None else f"至 {period.upper:%Y-%m-%d} 前一日"
    text = f"{yuan(found.amount)} 元" if found.outcome == "granted" else f"不能给付：{found.reasons[0]}"
    return [
        ("被保障人", claim.person.name),
        ("所在工会", claim.organisation.name),
        ("保障", version_of(claim).title),
        ("保障责任", peril_of(claim).label),
        ("发生日期", f"{claim.event_on:%Y-%m-%d}"),
        ("保障期", f"自 {period.lower:%Y-%m-%d} {until}"),
        ("申请方式", "家属申请" if claim.by_kin else "本人申请"),
        ("材料", "、".join(paper.label for paper in papers_of(claim))),
        ("按方案测算", text),
    ]


def may_approve(actor: Actor, review: Review) -> None:
    claim = settling.claim_of(review)
    if left := missing(claim):
        raise Refused("还缺：" + "；".join(one.text for one in left) + "。请退回补正。")
    if (found := assessed(claim)).outcome == "refused":
        raise Refused(f"按方案不能给付：{found.reasons[0]}。请不予通过，并写明理由。")


def about(review: Review) -> int | None:
    rows = CoverClaim.objects.everywhere(reason="whom a matter is about, to keep him from deciding it")
    return rows.filter(review=review).values_list("person_id", flat=True).first()


def return_items(review: Review) -> list[ReturnItem]:
    claim = settling.claim_of(review)
    items = [ReturnItem(f"paper.{one.code}", f"请补交或重新上传{one.label}") for one in papers_of(claim)]
    return [*items, ReturnItem("story", "请把事情经过写清楚：时间、地点、原因、结果")]


def appealable(review: Review) -> Appeal:
    days = version_of(settling.claim_of(review)).parameters.appeal_days
    return Appeal(within=days)


def _page(review: Review) -> str:
    """Where it is completed: by the person on the phone, by whoever helps the kin at the desk."""
    claim = settling.claim_of(review)
    return reverse("desk_cover_claim" if claim.by_kin else "m_cover_claim", args=[claim.pk])


def _matter(payment: Payment) -> str:
    rows = CoverClaim.objects.everywhere(reason="the claim behind a payment; its page asks who may")
    found = rows.filter(decision=payment.decision_id).values_list("pk", flat=True).first()
    return reverse("desk_cover_claim", args=[found]) if found is not None else ""


def _purchase(payment: Payment) -> str:
    rows = PlanPurchase.objects.everywhere(reason="the list behind a payment; its page asks who may")
    found = rows.filter(decision=payment.decision_id).values_list("pk", flat=True).first()
    return reverse("desk_cover_plan", args=[found]) if found is not None else ""


def on_approved(actor: Actor, review: Review) -> None:
    settling.approve(actor, settling.claim_of(review))


def on_refused(actor: Actor, review: Review) -> None:
    settling.end_as(settling.claim_of(review), Stage.REJECTED)


def on_withdrawn(actor: Actor, review: Review) -> None:
    settling.end_as(settling.claim_of(review), Stage.WITHDRAWN)


def on_appealed(actor: Actor, review: Review) -> None:
    settling.reopen(settling.claim_of(review))


register(
    Procedure(
        code=PROCEDURE,
        title="保险保障理赔",
        prefix="BX",
        on_approved=on_approved,
        on_refused=on_refused,
        on_withdrawn=on_withdrawn,
        on_appealed=on_appealed,
        facts=facts,
        names=frozenset({"被保障人"}),
        may_approve=may_approve,
        about=about,
        return_items=return_items,
        appealable=appealable,
        supplement_url=_page,
        papers="benefits.cover",
    )
)
purposes.register(
    purposes.Purpose(
        settling.PURPOSE,
        "保险保障理赔",
        on_held=settling.pay_held,
        on_paid=settling.was_paid,
        on_returned=settling.set_back,
        on_reversed=settling.taken_back,
        url=_matter,
    )
)
purposes.register(
    purposes.Purpose(
        plans.PURPOSE,
        "单位投保保费",
        on_held=plans_paying.pay_held,
        on_paid=plans_paying.was_paid,
        on_returned=plans_paying.set_back,
        on_reversed=plans_paying.taken_back,
        url=_purchase,
    )
)
