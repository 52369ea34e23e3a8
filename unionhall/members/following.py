"""Who follows when cards come and go. A room above says what follows; unheard of, nothing does.

`one(actor, person_id, paths)` is called in the transaction that issues or revokes a card, after card and membership
stand as they will; `many()` in the transaction of a roster that issued cards, to ask for a job.
"""

from collections.abc import Callable

from unionhall.foundation.actors import Actor

__all__ = ["card_changed", "cards_issued", "supply_card_followers"]

One = Callable[[Actor, int, tuple[str, ...]], None]
Many = Callable[[], None]
_one: list[One] = []
_many: list[Many] = []


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
