"""Links that organising puts on the pages of the rooms below."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from unionhall.foundation.offers import Offer, offer
from unionhall.organisations.kinds import Status
from unionhall.organisations.models import Organisation


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
