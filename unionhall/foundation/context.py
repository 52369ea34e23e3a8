"""What every page's layout is given."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .navigation import Entrance, navigation

ELDER_COOKIE = "elder"
_unread: list[Callable[[HttpRequest], int]] = []
_who: list[Callable[[HttpRequest], dict[str, Any] | None]] = []


def count_unread_with(counter: Callable[[HttpRequest], int]) -> None:
    """The room that keeps messages says how to count the unread ones (one query)."""
    _unread[:] = [counter]


def describe_actor_with(describe: Callable[[HttpRequest], dict[str, Any] | None]) -> None:
    """The room that keeps accounts says who is at work: `{name, place, links}` for the top bar, None for nobody."""
    _who[:] = [describe]


def page(request: HttpRequest) -> dict[str, Any]:
    """`navigation`, `unread`, `who`, `actor`, `elder`, `demo`, `request_id`: lazily; a fragment pays for none."""
    entrance: Entrance = (
        "desk"
        if request.path.startswith(("/desk/", "/window/", "/partner/"))
        else "ops"
        if request.path.startswith("/ops/")
        else "public"
    )
    return {
        "navigation": SimpleLazyObject(
            lambda: navigation(request, entrance) if hasattr(request, "access") else []
        ),
        "unread": SimpleLazyObject(lambda: sum(count(request) for count in _unread)),
        "who": SimpleLazyObject(lambda: next((found for tell in _who if (found := tell(request))), None)),
        "actor": getattr(request, "actor", None),
        "elder": request.COOKIES.get(ELDER_COOKIE) == "1",
        "demo": settings.DEMO,
        "request_id": getattr(request, "trace", ""),
    }
