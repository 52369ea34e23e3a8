"""What the worker's own pages share: the person behind the account, and the page that asks who one is."""

from functools import cached_property
from typing import Any

from django.db.models import FilteredRelation, Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from unionhall.access.models import Account
from unionhall.foundation.compiled import Ask, Compiled, Given
from unionhall.foundation.permissions import SIGNED_IN
from unionhall.foundation.views import Requires

from ..identity import holds
from ..models import Card, Membership, Person

_own = Compiled(
    lambda: (
        Person.objects.everywhere(reason="the account's own person, membership and card")
        .filter(account=Given("account"))
        .annotate(
            open_membership=FilteredRelation("memberships", condition=Q(memberships__period__upper_inf=True)),
            good_card=FilteredRelation("cards", condition=~Q(cards__status=Card.Status.REVOKED)),
        )
        .select_related("open_membership__organisation", "good_card")  # type: ignore[misc]  # named just above
    )
)


class Own(Requires):
    """A page of one's own. Without `needs_person` it also serves an account that has not said who it is."""

    permission = SIGNED_IN
    needs_person = True

    @cached_property
    def known(self) -> Person | None:
        """The person with `open_membership` and `good_card`, in one query."""
        account: Any = self.request.user
        found = self.known_asked.get()
        return found[0] if found and holds(account, found[0]) else None

    @cached_property
    def known_asked(self) -> Ask[Person]:
        """What `known` will ask, to be put together with other questions."""
        account: Any = self.request.user
        return _own.ask(account=account.pk) if isinstance(account, Account) else Ask.answered([])

    @property
    def person(self) -> Person:
        """The person; pages with `needs_person` have one."""
        assert self.known is not None
        return self.known

    @cached_property
    def membership(self) -> Membership | None:
        """The open membership, with its union."""
        return getattr(self.known, "open_membership", None)

    @cached_property
    def card(self) -> Card | None:
        """The card in force or suspended."""
        return getattr(self.known, "good_card", None)

    def _guarded(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.needs_person and self.known is None:
            return redirect(f"{reverse('m_identity')}?{urlencode({'next': request.get_full_path()})}")
        return super()._guarded(request, *args, **kwargs)
