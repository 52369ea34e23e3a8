"""The career subsidy under review, in public and in the ledger, and among what a worker can get."""

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from unionhall.bulletins import purposes as notices
from unionhall.bulletins.models import NoticeRow
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.ledger import purposes as payments
from unionhall.ledger.models import Commitment, Payment
from unionhall.reviews.models import Review
from unionhall.reviews.procedures import Procedure, register

from .. import certificates
from ..actions import matching, subsidy
from ..models import CareerApplication
from ..offering import Category, Offering, Use, offer

WHY = "the matter of a review that the caller has loaded under scope"
Stage = CareerApplication.Stage


def application_of(review: Review) -> CareerApplication:
    rows = CareerApplication.objects.everywhere(reason=WHY)
    return rows.select_related("person", "organisation", "certificate", "review").get(review=review)


def facts(review: Review) -> list[tuple[str, str]]:
    """The certificate as the registry has it now, beside what was asked for."""
    one = application_of(review)
    held = certificates.find(one.certificate.number)
    return [
        ("申请人", one.person.name),
        ("所在工会", one.organisation.name),
        ("职业（工种）", one.occupation),
        ("等级", one.get_level_display()),
        ("证书编号", one.certificate.masked_number),
        ("发证机构", one.certificate.issuer),
        ("发证日期", f"{one.certificate.issued_on:%Y-%m-%d}"),
        (
            "证书查询",
            "与查询库一致" if held and certificates.is_held_by(held, one.person) else "查询库里没有",
        ),
    ]


def may_approve(actor: Actor, review: Review) -> None:
    """Every step sees the certificate in the registry, in the scheme, and in its holder's hands."""
    one = application_of(review)
    held = certificates.find(one.certificate.number)
    if held is None or not certificates.is_held_by(held, one.person):
        raise Refused("证书查询库里没有申请人的这本证书，不能通过。请不予通过并写明原因。")


def on_approved(actor: Actor, review: Review) -> None:
    one = subsidy.lock(application_of(review))
    one.stage = Stage.VERIFIED
    one.save(update_fields=["stage"])


def on_refused(actor: Actor, review: Review) -> None:
    subsidy.end(subsidy.lock(application_of(review)), "审核没有通过，意见见我的办件。")


def on_withdrawn(actor: Actor, review: Review) -> None:
    subsidy.end(subsidy.lock(application_of(review)), "", Stage.WITHDRAWN)


def about(review: Review) -> int | None:
    rows = CareerApplication.objects.everywhere(reason="whom a matter is about, to keep him from deciding it")
    return rows.filter(review=review).values_list("person_id", flat=True).first()


def passed(actor: Actor, row: NoticeRow) -> None:
    subsidy.settle(actor, subsidy.of_row(row))


def upheld(actor: Actor, row: NoticeRow) -> None:
    subsidy.end(subsidy.of_row(row), "公示期间的异议成立。")


def stopped(actor: Actor, row: NoticeRow) -> None:
    """The notice had an error of form: the application waits for another one."""
    one = subsidy.of_row(row)
    one.stage = Stage.VERIFIED
    one.save(update_fields=["stage"])


def on_held(actor: Actor, commitment: Commitment) -> None:
    """Money came back and the line moved on to this one."""
    rows = CareerApplication.objects.everywhere(reason="the application whose promise is served")
    one = rows.filter(commitment=commitment, payment=None).first()
    if one is not None:
        subsidy.pay(actor, subsidy.lock(one))


def payment_page(payment: Payment) -> str:
    rows = CareerApplication.objects.everywhere(reason="the page about a payment that the reader may see")
    pk = rows.filter(payment=payment).values_list("pk", flat=True).first()
    return reverse("desk_subsidy_application", args=[pk]) if pk else ""


def matched_page(payment: Payment) -> str:
    pk = matching.application_of(payment.key)
    return reverse("desk_subsidy_application", args=[pk]) if pk else ""


def row_page(row: NoticeRow) -> str:
    return reverse("desk_subsidy_application", args=[int(row.key.removeprefix("career:"))])


def used(person_id: int, on: date) -> list[Use]:
    rows = CareerApplication.objects.everywhere(reason="the reader's own applications").open()
    rows = rows.filter(person=person_id).select_related("payment").order_by("-pk")
    return [
        Use(
            f"{one.occupation}（{one.get_level_display()}）{_standing(one)}",
            reverse("m_subsidy"),
            under_way=one.payment is None or one.payment.state != Payment.State.PAID,
        )
        for one in rows[:5]
    ]


def _standing(one: CareerApplication) -> str:
    if one.payment is not None and one.payment.state == Payment.State.PAID:
        return f"已发放 {one.payment.amount} 元"
    return one.get_stage_display()


def had(on: date) -> QuerySet[Any]:
    return CareerApplication.objects.everywhere(
        reason="who has asked for it already is not told of it"
    ).open()


notices.register(
    notices.Purpose(
        subsidy.PURPOSE,
        "职业发展助推补贴公示",
        ("职业（工种）", "等级", "补贴金额"),
        passed,
        upheld,
        stopped,
        row_page,
    )
)
payments.register(
    payments.Purpose(
        subsidy.PURPOSE,
        "职业发展助推补贴",
        on_held=on_held,
        on_reversed=subsidy.taken_back,
        along=matching.along,
        url=payment_page,
    ),
    payments.Purpose(matching.PURPOSE, "助推补贴区县配套", on_held=matching.pay, url=matched_page),
)
register(
    Procedure(
        code=subsidy.PROCEDURE,
        title="助推补贴申请",
        prefix="ZT",
        on_approved=on_approved,
        on_refused=on_refused,
        on_withdrawn=on_withdrawn,
        facts=facts,
        names=frozenset({"申请人"}),
        may_approve=may_approve,
        about=about,
    )
)
offer(
    Offering(
        "career_subsidy",
        Category.CAREER,
        "certificate",
        apply="m_subsidy_apply",
        used=used,
        had=had,
        desk="desk_subsidy",
    )
)
