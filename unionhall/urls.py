"""Where each room's pages are mounted: public, workers, desks, partners, operators, walls."""

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings

from unionhall.foundation.routing import Entrance

_ROOMS = [
    import_module(f"{app}.urls")
    for app in settings.INSTALLED_APPS
    if app.startswith("unionhall.") and find_spec(f"{app}.urls")
]


def _mounted(prefix: str, entrance: str) -> Entrance:
    return Entrance(prefix, [pattern for room in _ROOMS for pattern in getattr(room, entrance, [])])


# The entrances with a word of their own first: the public one has none, and would be asked for every page.
urlpatterns = [
    _mounted("m/", "worker"),
    _mounted("desk/", "desk"),
    _mounted("window/", "window"),
    _mounted("partner/", "partner"),
    _mounted("ops/", "ops"),
    _mounted("screen/", "screen"),
    _mounted("", "public"),
]
handler400 = "unionhall.foundation.errors.bad_request"
handler404 = "unionhall.foundation.errors.not_found"
handler500 = "unionhall.foundation.errors.server_error"
