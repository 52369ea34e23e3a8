"""A phone number that was silent for long may belong to somebody else by now: then its account is not simply opened.

The room that knows persons says whether an account has one, and judges the answer (the last four of the document).
Whoever can't or won't answer starts with an account of his own; the former one keeps its rows and opens for nobody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor, system_actor
from unionhall.records.actions import journal

from . import sessions
from .models import Account


@dataclass(frozen=True)
class Owner:
    """`known`: a person stands behind the account; `proves`: the typed last four are his; `leave`: let him go."""

    known: Callable[[Account], bool]
    proves: Callable[[Account, str], bool]
    leave: Callable[[Actor, Account], None]


_owners: list[Owner] = []


def describe_owner_with(owner: Owner) -> None:
    """Said once, by the room that keeps persons."""
    _owners[:] = [owner]


def in_doubt(account: Account, now: datetime | None = None) -> bool:
    """Whether the account was silent so long that its phone may have a new holder, and a person is behind it."""
    last = account.last_login or account.created_at
    silent = (now or timezone.now()) - last > settings.PHONE_DORMANT
    return silent and any(owner.known(account) for owner in _owners)


def proven(account: Account, typed: str) -> bool:
    return any(owner.proves(account, typed) for owner in _owners)


@transaction.atomic
def part(account: Account, trace: str = "") -> None:
    """Take the phone from the account: its next holder gets a new one. The person signs in again with his own phone."""
    actor = system_actor("登录", trace)
    for owner in _owners:
        owner.leave(actor, account)
    label = account.words
    account.phone, account.phone_index = None, None
    account.save(update_fields=["phone", "phone_index"])
    sessions.end(account)
    journal(actor, "access.part_phone", subject=account, label=label)
