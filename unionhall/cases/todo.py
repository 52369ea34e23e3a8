"""Cases in the one to-do list: what the reader owns, and what nobody owns yet where he assigns. One statement."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.models import working_calendar
from unionhall.foundation.todo import Todo, register

from . import inbox
from .models import Case


def of_cases(request: HttpRequest) -> Iterable[Todo]:
    """My open cases by light. Cases of all kinds: the index by owner answers."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("cases.open"):
        return
    bounds = inbox.Bounds.at(timezone.now(), working_calendar())
    rows = Case.objects.visible_to(access).open().filter(owner=access.account_id)
    found = rows.aggregate(
        late=Count("pk", filter=bounds.light("red")),
        soon=Count("pk", filter=bounds.light("amber")),
        rest=Count("pk", filter=~bounds.light("red") & ~bounds.light("amber")),
    )
    url = f"{reverse('desk_cases')}?owner=mine"
    yield Todo("我承办的案件：已逾期", found["late"], f"{url}&light=red", hot=True, order=5)
    yield Todo("我承办的案件：临期", found["soon"], f"{url}&light=amber", order=5)
    yield Todo("我承办的案件", found["rest"], url, order=6)


def without_owner(request: HttpRequest) -> Iterable[Todo]:
    """For those who assign: what has no owner yet."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("cases.assign"):
        return
    rows = inbox.visible(access).open().filter(owner=None)
    yield Todo("案件还没有分派", inbox.bounded(rows), f"{reverse('desk_cases')}?owner=none", order=7)


register(of_cases, without_owner)
