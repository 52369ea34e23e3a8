"""Refusals that people read, and the pages that show them."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


class Refused(Exception):
    """A rule says no. The message is plain Chinese and says what to do; `field` names the form field, if one."""

    def __init__(self, message: str, field: str | None = None) -> None:
        self.field = field
        super().__init__(message)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "csrf_failure.html", status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page for a request that can't be read. Like the 500 page it takes nothing from a session."""
    large = isinstance(exception, RequestDataTooBig)
    given = {"request_id": getattr(request, "trace", ""), "large": large}
    return HttpResponse(render_to_string("400.html", given), status=413 if large else 400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The 500 page, rendered without context processors: what broke may be what they need."""
    page = render_to_string("500.html", {"request_id": getattr(request, "trace", "")})
    return HttpResponse(page, status=500)
