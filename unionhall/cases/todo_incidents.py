"""Incidents, supervision and tasks in the one to-do list; `todo` registers them."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.todo import Steps, Todo, ask
from unionhall.organisations.models import Organisation

from .models import Case, SupervisionNote, TaskPart


def of_incidents(request: HttpRequest) -> Steps:
    """Warnings to judge, clocks of incidents that ran out."""
    access, now = request.access, timezone.now()  # type: ignore[attr-defined]
    if access.prefixes("cases.incidents_handle"):
        rows = Case.objects.visible_to(access, to="cases.incidents_handle").open().filter(kind="incident")
        found = yield ask(
            rows,
            warning=Count("pk", filter=Q(state="warning")),
            late=Count("pk", filter=~Q(state="warning") & Q(due_at__lt=now)),
        )
        url = reverse("desk_incidents")
        yield Todo("群体性事件有时限超时", found["late"], f"{url}?flag=overdue", unit="起", hot=True, order=1)
        yield Todo(
            "案件集中预警待研判", found["warning"], f"{url}?state=warning", unit="起", hot=True, order=2
        )


def of_supervision(request: HttpRequest) -> Steps:
    """Notes that the reader's unions have to answer."""
    access = request.access  # type: ignore[attr-defined]
    if access.prefixes("cases.supervision_reply"):
        unions = Organisation.objects.visible_to(access, to="cases.supervision_reply")
        rows = SupervisionNote.objects.all().visible_to(access).waiting()
        url = f"{reverse('desk_supervision_notes')}?box=received&state=waiting"
        found = yield ask(rows.filter(addressee__in=unions))
        yield Todo("督办单待回复", found["all"], url, unit="张", hot=True, order=3)


def of_parts(request: HttpRequest) -> Steps:
    """Shares of tasks that the reader's unions have to answer."""
    access = request.access  # type: ignore[attr-defined]
    if access.prefixes("cases.tasks_handle"):
        unions = Organisation.objects.visible_to(access, to="cases.tasks_handle")
        rows = TaskPart.objects.all().visible_to(access).filter(case__closed_at=None)
        found = yield ask(rows.filter(organisation__in=unions, state__in=["given", "returned"]))
        yield Todo("联动任务分工待答复", found["all"], reverse("desk_task_parts"), unit="项", order=8)
