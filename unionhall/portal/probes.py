"""What machines ask: /healthz (does the process live), /readyz (may it be sent requests), /metrics.

Answered before sessions, accounts and host names are looked at, so that no cookie is set and a probe by address works.
The first two tell nothing but yes or no; why not is in the log.
"""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare

from unionhall.foundation import indexing, metrics, sealing
from unionhall.records import lanes
from unionhall.records.models import JournalLane

log = logging.getLogger("unionhall.probes")

#: How long "the migrations are current" is believed before it is looked up again.
CURRENT_SECONDS = 30.0
TEXT = "text/plain; charset=utf-8"
_current_until = 0.0


class ProbeMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = _ANSWERS.get(request.path)
        if answer is None or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        request.route = request.path.strip("/")  # type: ignore[attr-defined]  # what logs and metrics call it
        response = answer(request)
        response["Cache-Control"] = "no-store"
        return response


def _healthz(request: HttpRequest) -> HttpResponse:
    """The process lives and answers; the database is not asked."""
    return HttpResponse("ok\n", content_type=TEXT)


def _readyz(request: HttpRequest) -> HttpResponse:
    """The database answers, its migrations are current, and the keys it needs are held."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        fault = "" if _is_current() else "migrations are pending"
        indexing.number(sealing.follow())
        if not fault and not _is_ours():
            fault = "the keys are not those this database was written with"
    except Exception as failure:
        fault = type(failure).__name__
    if fault:
        log.warning("not ready because=%s", fault)
        return HttpResponse("not ready\n", content_type=TEXT, status=503)
    return HttpResponse("ok\n", content_type=TEXT)


def _is_current() -> bool:
    global _current_until
    if time.monotonic() < _current_until:
        return True
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    _current_until = time.monotonic() + CURRENT_SECONDS
    return True


def _is_ours() -> bool:
    """Whether we hold the key of the journal. A lost key file makes a new ring, under which nothing can be opened."""
    lane = JournalLane.objects.order_by("number").first()
    return lane is None or lanes.genuine(lane)


def _metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text; to anybody else the page does not exist."""
    if not _may_measure(request):
        return HttpResponse("not found\n", content_type=TEXT, status=404)
    return HttpResponse(metrics.exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_measure(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        said = request.headers.get("Authorization", "")
        return bool(constant_time_compare(said, f"Bearer {settings.METRICS_TOKEN}"))
    # Everything that comes through a proxy on this machine has its address: what a proxy adds gives it away.
    if any(name in request.headers for name in ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "Via")):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


_ANSWERS = {"/healthz": _healthz, "/readyz": _readyz, "/metrics": _metrics}
