"""Where each room's pages are mounted: public, workers, desks, partners, operators, walls."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.urls import include, path

_ROOMS = [
    import_module(f"{app}.urls")
    for app in settings.INSTALLED_APPS
    if app.startswith("unionhall.") and find_spec(f"{app}.urls")
]


def _mounted(entrance: str) -> list[Any]:
    return [pattern for room in _ROOMS for pattern in getattr(room, entrance, [])]


urlpatterns = [
    path("", include(_mounted("public"))),
    path("m/", include(_mounted("worker"))),
    path("desk/", include(_mounted("desk"))),
    path("window/", include(_mounted("window"))),
    path("partner/", include(_mounted("partner"))),
    path("ops/", include(_mounted("ops"))),
    path("screen/", include(_mounted("screen"))),
]
handler400 = "unionhall.foundation.errors.bad_request"
handler404 = "unionhall.foundation.errors.not_found"
handler500 = "unionhall.foundation.errors.server_error"
