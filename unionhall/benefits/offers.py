"""Links that benefits put on the pages of the rooms below; each noun adds its own."""

from django.http import HttpRequest
from django.urls import reverse

from unionhall.foundation.offers import Offer, offer
from unionhall.members.models import Membership
from unionhall.network.models import Node
from unionhall.reviews.models import Review

from .actions.cover_claims import PROCEDURE as COVER_CLAIM
from .models import CoverClaim, Outlet


# Cover: the particulars and papers of a claim, beside its review.
@offer("review.detail")
def cover_claim(request: HttpRequest, review: Review) -> list[Offer]:
    actor = request.actor  # type: ignore[attr-defined]
    if review.procedure != COVER_CLAIM or not actor.may("benefits.cover", *review.organisation.paths):
        return []
    rows = CoverClaim.objects.everywhere(reason="the claim of a review that the reader may open")
    found = rows.filter(review=review).values_list("pk", flat=True).first()
    return (
        []
        if found is None
        else [Offer("情况和材料", reverse("desk_cover_claim", args=[found]), "file-text", True)]
    )


# Relief: an aid without a file, from the member's own page.
@offer("membership.detail")
def aid_without_file(request: HttpRequest, membership: Membership) -> list[Offer]:
    actor = request.actor  # type: ignore[attr-defined]
    paths = tuple(path for path in (membership.path, membership.second_path) if path)
    if not actor.may("benefits.relief_aid", *paths):
        return []
    return [
        Offer("未建档帮扶", reverse("desk_relief_unfiled", args=[membership.person_id]), "heart-handshake")
    ]


# Services: what is given at the counters of a station.
@offer("station.worker")
def services_at_station(request: HttpRequest, node: Node) -> list[Offer]:
    rows = Outlet.objects.everywhere(reason="counters in a public station").filter(node=node, is_open=True)
    url = reverse("m_services")
    return [
        Offer(f"{outlet.name}的会员服务", f"{url}?station={outlet.pk}", "ticket")
        for outlet in rows.order_by("pk")[:3]
    ]
