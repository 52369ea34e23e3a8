"""What the worker's own pages share: the person behind the account, and the page that asks who one is."""

from functools import cached_property
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.views import Requires

from ..identity import person_of
from ..models import Card, Membership, Person


class Own(Requires):
    """A page of one's own. Without `needs_person` it also serves an account that has not said who it is."""

    permission = SIGNED_IN
    needs_person = True

    @cached_property
    def known(self) -> Person | None:
        return person_of(self.request.user)

    @property
    def person(self) -> Person:
        """The person; pages with `needs_person` have one."""
        assert self.known is not None
        return self.known

    @cached_property
    def membership(self) -> Membership | None:
        """The open membership, with its union."""
        if self.known is None:
            return None
        rows = Membership.objects.everywhere(reason="the signed-in person's own membership")
        return rows.current().filter(person=self.known).select_related("organisation").first()

    @cached_property
    def card(self) -> Card | None:
        """The card in force or suspended."""
        if self.known is None:
            return None
        rows = Card.objects.everywhere(reason="the signed-in person's own card").filter(person=self.known)
        return rows.exclude(status=Card.Status.REVOKED).first()

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.needs_person and self.known is None:
            return redirect(f"{reverse('m_identity')}?{urlencode({'next': request.get_full_path()})}")
        return super()._guarded(request, *args, **kwargs)
