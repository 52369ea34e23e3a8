"""Who follows when cards come and go, and when facts change. A room above says what follows; unheard of, nothing does.

`one(actor, person_id, paths)` is called in the transaction that issues or revokes a card, after card and membership
stand as they will; `many()` in the transaction of a roster that issued cards, to ask for a job.

`facts(person_ids)` is called in the transaction that changed what the register knows of people who have an account:
particulars, employment, membership, card, or that they have one.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet

from unionhall.foundation.actors import Actor

from .models import Person

__all__ = [
    "card_changed", "cards_issued", "facts_changed", "facts_changed_of", "supply_card_followers",
    "supply_fact_followers",
]  # fmt: skip

One = Callable[[Actor, int, tuple[str, ...]], None]
Many = Callable[[], None]
Facts = Callable[[list[int]], None]
_one: list[One] = []
_many: list[Many] = []
_facts: list[Facts] = []


def supply_card_followers(one: One, many: Many) -> None:
    """Said by a room above, once, when Django is ready."""
    _one.append(one)
    _many.append(many)


def card_changed(actor: Actor, person_id: int, paths: tuple[str, ...] = ()) -> None:
    """A person's card was issued or revoked."""
    for follow in _one:
        follow(actor, person_id, paths)


def cards_issued(count: int) -> None:
    """A roster issued so many cards."""
    if count:
        for follow in _many:
            follow()


def supply_fact_followers(facts: Facts) -> None:
    """Said by a room above, once, when Django is ready."""
    _facts.append(facts)


def facts_changed(person: Person) -> None:
    """Something that the register knows of a person changed; who has no account is nobody's to tell."""
    if person.account_id is not None:
        for follow in _facts:
            follow([person.pk])


def facts_changed_of(person_ids: Iterable[int] | QuerySet[Any, Any]) -> None:
    """The same of many (a query stays in the database); those without an account are left out."""
    rows = Person.objects.everywhere(
        reason="whoever has an account is told; nothing is shown to anybody else"
    )
    chosen = person_ids if isinstance(person_ids, QuerySet) else list(person_ids)
    found = rows.filter(pk__in=chosen, account__isnull=False).order_by("pk")
    told = list(found.values_list("pk", flat=True))
    for follow in _facts if told else ():
        follow(told)
