"""Cases in the one to-do list: what the reader owns, and what nobody owns yet where he assigns. One statement each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.todo import Todo, register
from unionhall.organisations.kinds import Kind, Level
from unionhall.organisations.models import Organisation

from . import inbox
from .models import Case, Instalment, LegalAidBody, Mediation, Referral
from .todo_incidents import of_incidents, of_parts, of_supervision


def of_cases(request: HttpRequest) -> Iterable[Todo]:
    """My open cases of all kinds, the late ones apart: the index by owner answers."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("cases.open"):
        return
    late = Q(due_at__lt=timezone.now())
    rows = Case.objects.visible_to(access).open().filter(owner=access.account_id)
    found = rows.aggregate(late=Count("pk", filter=late), whole=Count("pk"))
    url = f"{reverse('desk_cases')}?owner=mine"
    yield Todo("我承办的案件：已逾期", found["late"], f"{url}&light=red", hot=True, order=5)
    yield Todo("我承办的案件", found["whole"] - found["late"], url, order=6)


def without_owner(request: HttpRequest) -> Iterable[Todo]:
    """For those who assign: what has no owner yet."""
    access = request.access  # type: ignore[attr-defined]
    if not access.prefixes("cases.assign"):
        return
    rows = Case.objects.visible_to(access).open().filter(owner=None)
    yield Todo("案件还没有分派", inbox.bounded(rows), f"{reverse('desk_cases')}?owner=none", order=7)


register(of_cases, without_owner, of_answers, of_payments, of_partners, of_mediators, of_aid, of_aid_bodies)
register(of_incidents, of_supervision, of_parts)
