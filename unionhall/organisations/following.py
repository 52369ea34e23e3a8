"""Who follows when unions come to stand elsewhere: rooms above say what they do around such a change.

A follower is given the ids of the unions and answers a context that is entered before anything changes and left when
everything has. The whole tree is held meanwhile. Rooms register when Django is ready, as with `parameters`.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager

from django.db.models import Q

from .models import Organisation

Follower = Callable[[list[int]], AbstractContextManager[None]]
_followers: list[Follower] = []


def supply_follower(follower: Follower) -> None:
    """Called by a room that keeps something by where unions stand."""
    if follower not in _followers:
        _followers.append(follower)


@contextmanager
def followed(organisation_ids: Iterable[int]) -> Iterator[None]:
    """Around a change of where these unions stand, in either chain. The caller holds the tree."""
    ids = sorted(set(organisation_ids))
    with ExitStack() as stack:
        for follower in _followers:
            stack.enter_context(follower(ids))
        yield


def below_in_any_chain(organisation: Organisation) -> list[int]:
    """The union and whatever stands below it in either chain: all whose place its own move can change."""
    condition = Q()
    for path in organisation.paths:
        condition |= Q(path__startswith=path) | Q(second_path__startswith=path)
    rows = Organisation.objects.everywhere(reason="the unions that follow a move")
    return list(rows.filter(condition).values_list("pk", flat=True))
