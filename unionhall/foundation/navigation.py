"""What stands in the side navigation and the public header. Each room's `navigation.py` declares its own."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from django.http import HttpRequest
from django.urls import reverse

from .compiled import Ask, together
from .permissions import EVERYONE, SIGNED_IN

Entrance = Literal["desk", "public", "ops"]


@dataclass(frozen=True)
class Entry:
    """One link: shown to those who hold `permission`; `count` gives the number beside it (one query, or None)."""

    entrance: Entrance
    group: str
    label: str
    url_name: str
    icon: str
    permission: str
    order: int = 50
    count: Callable[[HttpRequest], int | None] | None = None


_entries: list[Entry] = []
_ahead: list[Callable[[HttpRequest], list[Ask[Any]]]] = []
GROUPS = ("", "组织与会籍", "办理", "维权", "帮扶普惠", "走访与站点", "统计", "管理")
#: A menu with more links than fit on a desk's screen opens one group at a time.
LONGEST = 16
#: The group that stands open on pages that belong to none.
FIRST_OPEN = "办理"


def declare(*entries: Entry) -> None:
    _entries.extend(entries)
    _entries.sort(key=lambda entry: (GROUPS.index(entry.group) if entry.group in GROUPS else 99, entry.order))


def ask_ahead(tell: Callable[[HttpRequest], list[Ask[Any]]]) -> None:
    """A room says what the desk's layout will ask of it for a reader, so that all of it is asked in one go."""
    _ahead.append(tell)


def entries() -> list[Entry]:
    return _entries


def navigation(request: HttpRequest, entrance: Entrance) -> list[dict[str, Any]]:
    """Groups of links for the layouts: `[{title, folded, count, items: [{label, url, icon, current, count}]}]`.

    `count` of a group sums those of its links: a folded group still says how much waits in it.
    """
    access = request.access  # type: ignore[attr-defined]
    if entrance == "desk":
        together(*[ask for tell in _ahead for ask in tell(request)])
    here = _here(request, entrance)
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry in entries():
        if entry.entrance != entrance or not _shown(entry, access):
            continue
        url = address(entry.url_name)
        groups.setdefault(entry.group, []).append(
            {
                "label": entry.label,
                "url": url,
                "icon": entry.icon,
                "current": url == here,
                "count": entry.count(request) if entry.count else None,
            }
        )
    standing = {title for title, items in groups.items() if title and any(item["current"] for item in items)}
    long = sum(len(items) for items in groups.values()) > LONGEST
    return [
        {
            "title": title,
            "items": items,
            "folded": bool(title) and long and title not in (standing or {FIRST_OPEN}),
            "count": sum(item["count"] or 0 for item in items),
        }
        for title, items in groups.items()
    ]


@lru_cache(maxsize=1000)
def address(url_name: str) -> str:
    """The address of a page without arguments. It never changes while the site runs, and a menu asks for sixty."""
    return reverse(url_name)


def _here(request: HttpRequest, entrance: Entrance) -> str:
    """The entry under which the page stands: the longest address that begins the page's own."""
    found = {address(entry.url_name) for entry in entries() if entry.entrance == entrance}
    exact = {"/desk/", "/", "/ops/"}
    fits = [url for url in found if (request.path == url if url in exact else request.path.startswith(url))]
    return max(fits, key=len, default="")


def _shown(entry: Entry, access: Any) -> bool:
    if entry.permission == EVERYONE:
        return True
    if entry.permission == SIGNED_IN:
        return access.account_id is not None
    return bool(access.prefixes(entry.permission))
