"""Baselines: pages of the site rendered from constants, and a page of one query."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.test import RequestFactory
from django.urls import path
from django.views.decorators.cache import never_cache

from unionhall import urls
from unionhall.foundation import context
from unionhall.members.models import Card


@lru_cache(maxsize=32)
def _kept(address: str, cookie: str) -> tuple[Any, dict[str, Any], HttpRequest]:
    """A page of the site answered once: its template, its context with every list read, its request."""
    environ = RequestFactory().get(address).environ
    environ["HTTP_COOKIE"] = cookie
    request = WSGIRequest(environ)
    handler = BaseHandler()
    handler.load_middleware()
    response = handler.get_response(request)
    if response.status_code != 200 or not hasattr(response, "context_data"):
        raise RuntimeError(f"{address}: {response.status_code} is no page to keep")
    template = loader.select_template(response.template_name)  # type: ignore[attr-defined]  # has context_data
    # The layout's own values are lazy; what the page has given goes before them, so they are read here, once.
    layout = context.page(request)
    for value in layout.values():
        str(value)
    kept = layout | {
        key: list(value) if hasattr(value, "_fetch_all") else value
        for key, value in response.context_data.items()
    }
    return template, kept, request


class _Counted:
    def __init__(self) -> None:
        self.statements = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.statements += 1
        return execute(sql, params, many, context)


def constant(request: HttpRequest) -> HttpResponse:
    """The page at `?page=` as the session `?cookie=` sees it, rendered from what was kept."""
    template, kept, known = _kept(request.GET["page"], request.GET.get("cookie", ""))
    counted = _Counted()
    with connection.execute_wrapper(counted):
        answer = HttpResponse(template.render(kept, known))
    answer["X-Statements"] = str(counted.statements)
    return answer


@never_cache
def one_query(request: HttpRequest) -> HttpResponse:
    """The verification page's template after reading one row by its primary key."""
    rows = Card.objects.everywhere(reason="the baseline of the verification page")
    card = rows.filter(pk=int(request.GET["card"])).first()
    template, kept, known = _kept(request.GET["page"], "")
    answer = HttpResponse(template.render(kept, known))
    answer["X-Card"] = str(card.pk if card else 0)
    return answer


urlpatterns = [
    path("bench/constant/", constant),
    path("bench/one-query/", one_query),
    *urls.urlpatterns,
]
handler404 = urls.handler404
handler500 = urls.handler500
