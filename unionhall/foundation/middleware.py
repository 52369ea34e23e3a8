"""The request's trace number, its measure and its log line; zero bytes are refused before any view looks."""

import logging
import secrets
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from . import errors, logs, metrics, sealing
from .headers import HeadersMiddleware

log = logging.getLogger("unionhall.requests")
SLOW_SECONDS = 1.0
GetResponse = Callable[[HttpRequest], HttpResponse]


class TraceMiddleware:
    """Gives each request a number that error pages show and the journal keeps; counts it and writes its log line."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        # Refused before the others are asked: the page brings its headers itself.
        self._refuse = HeadersMiddleware(errors.bad_request)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.trace = secrets.token_hex(6)  # type: ignore[attr-defined]
        sealing.ring()  # looks now and then whether the keys changed
        token = logs.context.set({"trace": request.trace})  # type: ignore[attr-defined]
        try:
            with metrics.spending() as spent:
                response = self._answer(request)
            self._tell(request, response, spent)
        finally:
            logs.context.reset(token)
        return response

    def _tell(self, request: HttpRequest, response: HttpResponse, spent: metrics.Spent) -> None:
        route = logs.route_of(request)
        metrics.observe(route, request.method or "", response.status_code, spent)
        account = getattr(getattr(request, "access", None), "account_id", None)
        logs.context.set(
            {"trace": request.trace, "route": route} | ({"account": account} if account is not None else {})  # type: ignore[attr-defined]
        )
        told = {"status": response.status_code, "ms": round(spent.seconds * 1000), "queries": spent.queries}
        slow = response.status_code >= 500 or spent.seconds > SLOW_SECONDS
        log.log(logging.WARNING if slow else logging.INFO, "request", extra=told)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        # No page asks for a zero byte, and no text column takes one: a mistake of the caller, not of the site.
        nul = "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path
        response = self._refuse(request) if nul else self.get_response(request)
        response["X-Request-ID"] = request.trace  # type: ignore[attr-defined]
        return response


class ZeroByteMiddleware:
    """Refuses a form with a zero byte in a field, as `TraceMiddleware` does an address.

    It stands after Django's check against forged forms, which has read the form by then; a view that is exempt from
    that reads its body itself, and so is left alone.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if getattr(view, "csrf_exempt", False):
            return None
        nul = any("\0" in value for _, values in request.POST.lists() for value in values)
        return errors.bad_request(request) if nul else None
