"""Addresses of this room's pages, for messages."""

from django.urls import reverse

from .models import Review


def desk_page(review: Review) -> str:
    return reverse("desk_review", args=[review.number])


def desk_delegations() -> str:
    return reverse("desk_delegations")
