"""The request's trace number and the headers every answer carries."""

import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

GetResponse = Callable[[HttpRequest], HttpResponse]
CONTENT_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class TraceMiddleware:
    """Gives each request a number that error pages show and the journal keeps."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.trace = secrets.token_hex(6)  # type: ignore[attr-defined]
        # No page asks for a zero byte, and no text column takes one: a mistake of the caller, not of the site.
        nul = "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path
        response = HttpResponseBadRequest() if nul else self.get_response(request)
        response["X-Request-ID"] = request.trace  # type: ignore[attr-defined]
        return response


class HeadersMiddleware:
    """Content policy without inline script; pages about people are not kept by caches."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.setdefault("Content-Security-Policy", CONTENT_POLICY)
        response.setdefault("Permissions-Policy", "geolocation=(), camera=(), microphone=()")
        if not request.path.startswith("/static/"):
            response.setdefault("Cache-Control", "no-store" if _signed_in(request) else "no-cache")
        return response


def _signed_in(request: HttpRequest) -> bool:
    """The user is set by a later middleware; a request refused before it has none."""
    user = getattr(request, "user", None)
    return bool(user and user.is_authenticated)
