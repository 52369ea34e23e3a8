"""What access offers to the pages of lower rooms: whom to ask when a permission is missing."""

from django.http import HttpRequest
from django.utils import timezone

from unionhall.foundation.offers import Offer, offer
from unionhall.foundation.permissions import Permission

from .explaining import who_can_grant
from .grants import GrantedAccess


@offer("permission.missing")
def whom_to_ask(request: HttpRequest, missing: Permission) -> list[Offer]:
    """The nearest unions above the reader's own whose officers may grant it, by union and role; no links."""
    access = request.access  # type: ignore[attr-defined]
    if not isinstance(access, GrantedAccess) or not access.grants:
        return []
    paths = tuple(access.grants[0].organisation.paths)
    return [Offer(who, "") for who in who_can_grant(paths, timezone.localdate())]
