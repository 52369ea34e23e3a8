"""Links that organising puts on the pages of the rooms below."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from unionhall.foundation.offers import Offer, offer
from unionhall.members.models import Membership, RosterBatch
from unionhall.organisations.kinds import Status
from unionhall.organisations.models import Organisation
from unionhall.reviews.models import Review

from .actions import transfers
from .models import MembershipTransfer, StandingChange


@offer("organisation.detail")
def verbs(request: HttpRequest, organisation: Organisation) -> list[Offer]:
    """Posts for everyone who sees the union; the verbs that touch members for its superior."""
    found = [Offer("任职", reverse("desk_org_posts", args=[organisation.code]), "id-badge-2")]
    actor = request.actor  # type: ignore[attr-defined]
    ended = organisation.status in {Status.DISSOLVED, Status.MERGED}
    if ended or organisation.parent is None:
        return found
    if actor.may("organisations.reorganise", *organisation.parent.paths):
        code = [organisation.code]
        found += [
            Offer("合并", reverse("desk_org_merge", args=code), "arrows-join"),
            Offer("分立", reverse("desk_org_split", args=code), "arrows-split"),
            Offer("撤销", reverse("desk_org_dissolve", args=code), "ban"),
        ]
    return found


@offer("organisation.list")
def found_a_union(request: HttpRequest, subject: Any) -> list[Offer]:
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("organising.found"):
        return []
    return [Offer("建会申请", reverse("desk_founding_new"), "file-plus")]


@offer("membership.detail")
def change_membership(request: HttpRequest, membership: Membership) -> list[Offer]:
    """Transfer and changes of standing, on the page of a member."""
    actor = request.actor  # type: ignore[attr-defined]
    paths = tuple(path for path in (membership.path, membership.second_path) if path)
    found = []
    if actor.may("organising.transfer", *paths):
        found.append(Offer("会籍转接", reverse("desk_transfer_out", args=[membership.pk]), "arrows-exchange"))
    if actor.may("organising.standing", *paths):
        retained = membership.standing == Membership.Standing.RETAINED
        first = StandingChange.Change.RESUMPTION if retained else StandingChange.Change.RETENTION
        found.append(
            Offer("会籍变动", reverse("desk_standing_new", args=[membership.pk, first]), "user-edit")
        )
    return found


@offer("membership.batch")
def change_ticked(request: HttpRequest, subject: Any) -> list[Offer]:
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("organising.standing"):
        return []
    return [Offer("提出保留会籍", reverse("desk_retention_batch"), "player-pause")]


@offer("roster.batch")
def transfer_from_roster(request: HttpRequest, batch: RosterBatch) -> list[Offer]:
    """Rows of people who stand in other unions lead to transfers."""
    actor = request.actor  # type: ignore[attr-defined]
    if not batch.counts.get("transfer") or not actor.may("organising.transfer", *batch.paths):
        return []
    return [
        Offer("发起转接", reverse("desk_roster_transfers", args=[batch.pk]), "arrows-exchange", primary=True)
    ]


@offer("review.detail")
def matter_page(request: HttpRequest, review: Review) -> list[Offer]:
    """From the review of a transfer to the transfer: that is where a consent on paper is filed."""
    if review.procedure != transfers.PROCEDURE:
        return []
    access = request.access  # type: ignore[attr-defined]
    found = MembershipTransfer.objects.visible_to(access).filter(review=review).first()
    return [Offer("查看转接", reverse("desk_transfer", args=[found.pk]), "arrows-exchange")] if found else []


@offer("desk.search")
def matters_by_number(request: HttpRequest, text: str) -> list[Offer]:
    """Matters under review by their number; the first six characters are enough."""
    if len(text) < 6 or not text[:2].isalpha():
        return []
    access = request.access  # type: ignore[attr-defined]
    rows = Review.objects.visible_to(access).filter(number__startswith=text.upper()).order_by("-pk")[:10]
    return [Offer(f"{row.number} {row.title}", reverse("desk_review", args=[row.number])) for row in rows]
