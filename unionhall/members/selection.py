"""What someone ticked in the list, carried to the page that acts on it: some rows, or all that the filters leave."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from django.http import Http404, QueryDict
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import ring
from unionhall.kit.sm import SealBroken

from .finding import find
from .forms import MemberFilter
from .models import Membership
from .models.memberships import MembershipQuerySet

LIFE_SECONDS = 3600


def criteria(actor: Actor, query: str) -> dict[str, Any]:
    """The cleaned filters of a query string, as this actor may ask them. Raises Refused when one is wrong."""
    form = MemberFilter(QueryDict(query), actor=actor)
    if not form.is_valid():
        mistakes = [str(text) for errors in form.errors.values() for text in errors]
        raise Refused(f"筛选条件有误：{'；'.join(mistakes)}")
    return {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}


@dataclass(frozen=True)
class Selection:
    """Ticked membership ids, or (`ids` is None) everything under `query`. The token is opaque and the account's own."""

    ids: tuple[int, ...] | None
    query: str = ""

    def rows(self, actor: Actor, *, to: str) -> MembershipQuerySet:
        """The memberships, scoped anew: a token never shows more than its holder may see now."""
        if self.ids is None:
            return find(actor.access, criteria(actor, self.query), to=to)
        return Membership.objects.visible_to(actor.access, to=to).filter(pk__in=self.ids)

    def token(self, actor: Actor) -> str:
        text = json.dumps([actor.account_id, int(timezone.now().timestamp()), self.ids, self.query])
        return base64.urlsafe_b64encode(ring().seal(text)).decode().rstrip("=")

    @classmethod
    def from_token(cls, token: str, actor: Actor) -> Selection:
        """Raises Http404 when the token is not this account's or an hour old."""
        try:
            blob = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            owner, at, ids, query = json.loads(ring().open(blob))
        except (binascii.Error, SealBroken, ValueError, TypeError):
            raise Http404 from None
        if owner != actor.account_id or timezone.now().timestamp() - at > LIFE_SECONDS:
            raise Http404
        return cls(None if ids is None else tuple(ids), query)
