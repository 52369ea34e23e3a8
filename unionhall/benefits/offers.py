"""Links that benefits put on the pages of the rooms below; each noun adds its own."""

from django.http import HttpRequest
from django.urls import reverse

from unionhall.foundation.offers import Offer, offer
from unionhall.reviews.models import Review

from .actions.cover_claims import PROCEDURE as COVER_CLAIM
from .models import CoverClaim


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
