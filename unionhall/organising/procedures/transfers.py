"""会籍转接 under review: what both unions read, and the carrying over when the last of them has agreed."""

from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.members.actions import move, posts_in, whole_union
from unionhall.members.documents import label_of
from unionhall.records.actions import notify
from unionhall.reviews.models import Review, ReviewStep
from unionhall.reviews.procedures import Procedure, register

from ..actions.transfers import CHAIRS_STAY, PROCEDURE
from ..authority import by_decision
from ..models import MembershipTransfer
from ..schemes import TransferScheme


def transfer_of(review: Review) -> MembershipTransfer:
    rows = MembershipTransfer.objects.everywhere(
        reason="the matter of a review that the caller has loaded under scope"
    )
    return rows.select_related("person", "membership", "organisation", "destination").get(review=review)


def facts(review: Review) -> list[tuple[str, str]]:
    """Who, from where to where, why, which posts end with it, and whether the worker has agreed."""
    transfer = transfer_of(review)
    person = transfer.person
    agreed = "尚未确认"
    if transfer.person_agreed_at is not None:
        at = timezone.localtime(transfer.person_agreed_at)
        agreed = f"{transfer.get_agreed_by_display()}（{at:%Y-%m-%d %H:%M}）{transfer.agreement_note}"
    return [
        ("会员", person.name),
        ("会员号", person.member_number or "—"),
        (label_of(person.id_type), person.masked_id),
        ("手机号", person.masked_phone),
        ("转出工会", transfer.organisation.name),
        *_posts_left(review, transfer),
        ("转入工会", transfer.destination.name),
        ("入会日期", f"{transfer.membership.joined_on:%Y-%m-%d}"),
        ("原因", transfer.reason),
        ("本人意见", agreed),
        ("发起", review.submitted_by),
    ]


def _posts_left(review: Review, transfer: MembershipTransfer) -> list[tuple[str, str]]:
    """While it is open: what the person holds in the union that is left, and what the law asks before he goes."""
    left = whole_union(transfer.organisation)
    if not review.is_open or left == whole_union(transfer.destination):
        return []
    titles = [post.get_title_display() for post in posts_in(left, [transfer.person_id]).order_by("pk")]
    if not titles:
        return []
    return [("在转出工会任职", f"{'、'.join(titles)}，转出后结束。{CHAIRS_STAY}")]


def _agreed_if_needed(review: Review, transfer: MembershipTransfer) -> None:
    version = rulebook.scheme(TransferScheme, on=timezone.localdate(), division=transfer.destination.division)
    if version.parameters.person_must_agree and transfer.person_agreed_at is None:
        raise Refused("本人还没有同意转接。请本人在手机端确认，或在办件中登记书面同意后再通过。")


def may_approve(actor: Actor, review: Review) -> None:
    """The worker's consent is needed before the last union decides; the membership must still be the same."""
    transfer = transfer_of(review)
    if transfer.membership.period.upper is not None:
        raise Refused("原会籍在办理期间已经变动，不能再转接。请不予通过，并按现在的会籍重新发起。")
    rows = ReviewStep.objects.everywhere(reason="the steps of a review that the caller has loaded")
    if rows.filter(review=review, outcome="").count() <= 1:
        _agreed_if_needed(review, transfer)


def on_approved(actor: Actor, review: Review) -> None:
    """The membership is carried over from today; card and member number stay."""
    transfer = transfer_of(review)
    _agreed_if_needed(review, transfer)
    move(
        by_decision(actor),
        membership=transfer.membership,
        destination=transfer.destination,
        on=timezone.localdate(),
    )


def on_refused(actor: Actor, review: Review) -> None:
    """The worker stays where they are, and is told."""
    transfer = transfer_of(review)
    notify(
        transfer.person.account_id,
        "会籍转接未通过",
        f"转入{transfer.destination.name}的申请未通过，会籍仍在{transfer.organisation.name}。",
        f"/m/transfers/{transfer.pk}/",
        transfer.organisation.path,
    )


def about(review: Review) -> int | None:
    rows = MembershipTransfer.objects.everywhere(
        reason="whom a matter is about, to keep him from deciding it"
    )
    return rows.filter(review=review).values_list("person_id", flat=True).first()


register(
    Procedure(
        code=PROCEDURE,
        title="会籍转接",
        prefix="ZJ",
        on_approved=on_approved,
        on_refused=on_refused,
        facts=facts,
        names=frozenset({"会员"}),
        may_approve=may_approve,
        about=about,
    )
)
