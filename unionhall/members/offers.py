"""What members tell the rooms below: who is behind an account."""

import hmac

from django.http import HttpRequest
from django.urls import reverse

from unionhall.access.models import Account
from unionhall.access.owners import Owner, describe_owner_with
from unionhall.foundation.actors import Actor
from unionhall.foundation.offers import Offer, offer

from . import identity
from .models import DeskIdentity

LAST = 4


def _proves(account: Account, typed: str) -> bool:
    person = identity.person_of(account)
    number = person.id_number.reveal() if person is not None else ""
    given = "".join(typed.split()).upper()
    return len(given) == LAST and hmac.compare_digest(number[-LAST:].upper().encode(), given.encode())


def _leave(actor: Actor, account: Account) -> None:
    identity.unlink(actor, account)


describe_owner_with(Owner(lambda account: identity.person_of(account) is not None, _proves, _leave))


@offer("access.account")
def name_the_person(request: HttpRequest, account: Account) -> list[Offer]:
    """On a desk account's page, for whoever keeps it: whose it is has to be said."""
    if account.phone_index is not None:
        return []
    named = DeskIdentity.objects.filter(account=account).exists()
    words = "本人已登记" if named else "登记账号本人"
    return [Offer(words, reverse("desk_account_person", args=[account.pk]), "id", primary=not named)]
