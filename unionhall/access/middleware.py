"""Says, once per request, whose eyes look: `request.access` and `request.actor`."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from unionhall.foundation.actors import Actor

from . import devices
from .grants import access_of
from .sessions import BY_CODE, SIGNED_IN_BY


class AccessMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        by_code = request.session.get(SIGNED_IN_BY) == BY_CODE
        access = access_of(request.user if request.user.is_authenticated else None, desk=not by_code)
        name = request.user.display_name if request.user.is_authenticated else "访客"
        request.access = access  # type: ignore[attr-defined]
        request.actor = Actor(access.account_id, name, access, getattr(request, "trace", ""))  # type: ignore[attr-defined]
        response = self.get_response(request)
        devices.keep(request, response)
        return response
