"""医疗互助 under review: the claim as its steps read it, what follows from the decision; the consent it needs."""

from datetime import date
from typing import Any

from django.db.models import Count, QuerySet, Sum
from django.urls import reverse

from unionhall.foundation.actors import Actor
from unionhall.kit.money import yuan
from unionhall.members import consents
from unionhall.records.actions import notify
from unionhall.reviews.models import Review
from unionhall.reviews.procedures import Appeal, Procedure, ReturnItem, register

from ..actions.medical import paying as _purpose  # noqa: F401 — registers the payments' purpose
from ..actions.medical.claims import CONSENT, PROCEDURE, settle_claim
from ..models import MedicalClaim, SettlementLine
from ..offering import Category, Offering, Use, offer
from ..rules import medical as _rules  # noqa: F401 — registers the rule

consents.register(
    consents.Purpose(
        CONSENT,
        "医疗互助（敏感个人信息）",
        "我单独同意工会使用我的就医结算信息（医院、病种、自付金额），只用于审核和支付医疗互助金。"
        "这些信息加密保存，只有办理医疗互助的人能看。",
        "撤回后不能再提交医疗互助申请；已经支付的互助金和法定保存期内的凭证不受影响。",
        sensitive=True,
    )
)


def claim_of(review: Review) -> MedicalClaim:
    rows = MedicalClaim.objects.everywhere(
        reason="the matter of a review that the caller has loaded under scope"
    )
    return rows.select_related("person", "organisation", "review").get(review=review)


def facts(review: Review) -> list[tuple[str, str]]:
    """Who and when; sums and papers are read on the claim's own page, under its own permission."""
    claim = claim_of(review)
    return [
        ("申请人", claim.person.name),
        ("手机号", claim.person.masked_phone),
        ("所在工会", claim.organisation.name),
        ("结算日期", f"{claim.settled_on:%Y-%m-%d}"),
        ("材料", f"{claim.papers.count()} 份，在申请页查看"),
    ]


def on_approved(actor: Actor, review: Review) -> None:
    """Worked out and paid; a claim that comes to nothing by the plan is told with the reason."""
    line = settle_claim(actor, claim_of(review))
    if not line.amount:
        notify(
            line.person.account_id if line.person is not None else None,
            "医疗互助申请已审核",
            f"材料属实，但按方案计算没有可支付的金额（{line.get_reason_display()}）。点开可看计算过程。",
            f"/m/benefits/medical/{line.pk}/",
            line.path,
        )


def on_refused(actor: Actor, review: Review) -> None:
    claim = claim_of(review)
    notify(
        claim.person.account_id,
        "医疗互助申请没有通过",
        "原因见办件。不同意的，可以在办件里申请复核。",
        f"/m/applications/{review.number}/",
        claim.organisation.path,
    )


def return_items(review: Review) -> list[ReturnItem]:
    papers = claim_of(review).papers.all()
    found = [ReturnItem(paper.code, f"{paper.label}看不清或不完整，请重新上传") for paper in papers]
    return [*found, ReturnItem("amount", "自付金额与结算单不一致，请说明")]


def about(review: Review) -> int | None:
    rows = MedicalClaim.objects.everywhere(reason="whom a matter is about, to keep him from deciding it")
    return rows.filter(review=review).values_list("person_id", flat=True).first()


def used(person_id: int, on: date) -> list[Use]:
    """This year's settlements, and a claim under way: two statements."""
    rows = SettlementLine.objects.everywhere(reason="the person's own settlements, for his own page")
    counted = rows.counted().filter(person=person_id, settled_on__year=on.year)
    found = counted.aggregate(count=Count("pk"), total=Sum("amount"))
    uses = []
    if found["count"]:
        text = f"今年 {found['count']} 笔结算，理赔 {yuan(found['total'])} 元"
        uses.append(Use(text, reverse("m_medical")))
    claims = MedicalClaim.objects.everywhere(reason="the person's own claims, for his own page")
    under_way = claims.filter(person=person_id, review__state__in=["pending", "returned"])
    numbers = under_way.values_list("review__number", flat=True)
    return uses + [
        Use(f"申请 {number} 正在办理", reverse("m_application", args=[number]), under_way=True)
        for number in numbers
    ]


def had(on: date) -> QuerySet[Any]:
    rows = SettlementLine.objects.everywhere(reason="whoever has had it this year is not told of it")
    return rows.counted().filter(settled_on__year=on.year, outcome="granted")


offer(
    Offering(
        PROCEDURE,
        Category.HEALTH,
        "first-aid-kit",
        automatic="医保结算后自动理赔，不用申请",
        used=used,
        had=had,
        desk="desk_medical",
    )
)
register(
    Procedure(
        code=PROCEDURE,
        title="医疗互助申请",
        prefix="YL",
        on_approved=on_approved,
        on_refused=on_refused,
        facts=facts,
        names=frozenset({"申请人"}),
        about=about,
        return_items=return_items,
        papers="benefits.medical_claims",
        appealable=lambda review: Appeal(),
    )
)
