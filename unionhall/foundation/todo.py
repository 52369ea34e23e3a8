"""One to-do list: each room says what waits for whoever looks, as countable items; the desk shows them together.

A room's `todo` module registers its sources (imported when Django is ready). A source costs at most one statement, and
none for those whom it does not concern.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True)
class Todo:
    """Things of one kind that wait: `count` of them at `url`. `hot`: overdue, to be done first."""

    label: str
    count: int
    url: str
    unit: str = "件"
    note: str = ""
    hot: bool = False
    order: int = 50


Source = Callable[[HttpRequest], Iterable[Todo]]
_sources: list[Source] = []


def register(*sources: Source) -> None:
    """Registering the same source again changes nothing."""
    _sources.extend(source for source in sources if source not in _sources)


def todos(request: HttpRequest, *, besides: Collection[Source] = ()) -> list[Todo]:
    """What waits for the reader, hot first; nothing that counts zero. `besides`: sources shown in another way."""
    found = [one for source in _sources if source not in besides for one in source(request) if one.count]
    return sorted(found, key=lambda one: (not one.hot, one.order, one.label))
