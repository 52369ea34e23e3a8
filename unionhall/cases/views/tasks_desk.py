"""/desk/tasks/ and /desk/plans/: tasks with their parts, plans with their progress, parts to answer."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.db.models import Avg, Count, Q
from django.urls import reverse
from django.utils import timezone

from unionhall.foundation.models import working_calendar
from unionhall.foundation.views import Detail, List
from unionhall.kit.workdays import deadline_state

from ..forms.tasks import TaskFilter
from ..models import Case, Plan, TaskPart
from ..presenting import light
from ..versions import state_label

VIEW, HANDLE, PLANS = "cases.tasks", "cases.tasks_handle", "cases.plans"
_PART = ("organisation", "referral", "case__organisation", "case__task")
TONES = {
    "given": "warn", "replied": "info", "accepted": "ok", "returned": "bad", "refused": "bad", "withdrawn": "mute",
}  # fmt: skip


def tabs(current: str) -> list[dict[str, Any]]:
    pages = (("任务", "desk_tasks"), ("要答复的分工", "desk_task_parts"), ("规划", "desk_plans"))
    return [{"label": label, "url": reverse(name), "current": name == current} for label, name in pages]


def part_row(part: TaskPart, calendar: Any) -> dict[str, Any]:
    state = part.stands
    open_ = state in (TaskPart.State.GIVEN, TaskPart.State.RETURNED)
    days = deadline_state(part.due_on, timezone.localdate(), calendar).days if open_ else None
    label = TaskPart.State(state).label
    return {"part": part, "state": state, "label": label, "tone": TONES[state], "days": days, "open": open_}


class Tasks(List):
    model = Case
    permission = VIEW
    template_name = "cases/tasks/list.html"
    filter_form = TaskFilter

    def get_queryset(self) -> Any:
        rows = super().get_queryset().filter(kind="task")
        return rows.select_related("organisation", "task__plan", "owner")

    def filtered(self) -> Any:
        rows, chosen = self.get_queryset(), self.chosen
        if "q" in chosen:
            rows = rows.filter(Q(title__contains=chosen["q"]) | Q(number=chosen["q"].upper()))
        if "plan" in chosen:
            rows = rows.filter(task__plan=chosen["plan"])
        wanted = {
            "open": Q(closed_at=None),
            "late": Q(closed_at=None, due_at__lt=timezone.now()),
            "closed": Q(closed_at__isnull=False),
        }
        return rows.filter(wanted[chosen["state"]]) if chosen.get("state") in wanted else rows

    def decorate(self, rows: list[Any]) -> list[Any]:
        now, calendar = timezone.now(), working_calendar()
        parts = TaskPart.objects.everywhere(reason="parts of tasks that the reader sees").filter(
            case__in=rows
        )
        late = Q(state__in=["given", "returned"], due_on__lt=timezone.localdate())
        counted = parts.values("case").annotate(all=Count("pk"), late=Count("pk", filter=late)).order_by()
        tally = {one["case"]: (one["all"], one["late"]) for one in counted}
        return [
            {"case": one, "task": one.task, "state": state_label(one), "light": light(one, now, calendar),
             "parts": tally.get(one.pk, (0, 0))[0], "late": tally.get(one.pk, (0, 0))[1]}
            for one in rows
        ]  # fmt: skip

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("desk_tasks"), "may_give": bool(self.access.prefixes(PLANS))}


class TaskPage(Detail):
    """One task: target, methods, steps, safeguard; each part with its duty holder, day and reply."""

    model = Case
    permission = VIEW
    slug_field = "number"
    template_name = "cases/tasks/task.html"

    def get_queryset(self) -> Any:
        rows = super().get_queryset().filter(kind="task")
        return rows.select_related("organisation", "task__plan", "task__above__case", "owner")

    def context(self) -> dict[str, Any]:
        case: Case = self.object
        calendar = working_calendar()
        parts = [part_row(one, calendar) for one in case.parts.select_related(*_PART)]
        handle = case.is_open and self.actor.may(HANDLE, *case.organisation.paths)
        waiting = sum(row["open"] for row in parts)
        return {
            "task": case.task, "parts": parts, "state": state_label(case), "handle": handle, "waiting": waiting,
            "light": light(case, timezone.now(), calendar),
            "may_ask": handle and case.state in ("given", "doing"),
            "may_merge": handle and case.state == "doing" and parts and not waiting,
            "may_close": handle and case.state == "merged",
        }  # fmt: skip


class Parts(List):
    """What the reader's unions have to answer."""

    model = TaskPart
    permission = HANDLE
    template_name = "cases/tasks/parts.html"

    @cached_property
    def prefixes(self) -> Q:
        found = Q(pk__in=[])
        for prefix in self.access.prefixes(HANDLE):
            found |= Q(organisation__path__startswith=prefix) | Q(
                organisation__second_path__startswith=prefix
            )
        return found

    def get_queryset(self) -> Any:
        rows = super().get_queryset().filter(self.prefixes, case__closed_at=None)
        return rows.filter(state__in=["given", "returned"]).select_related(*_PART)

    def decorate(self, rows: list[Any]) -> list[Any]:
        calendar = working_calendar()
        return [part_row(one, calendar) for one in rows]

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("desk_task_parts")}


class PartPage(Detail):
    """A part, for who answers it and for who gave it: the task's target, what is asked, the reply, the next verb."""

    model = TaskPart
    permission = VIEW
    template_name = "cases/tasks/part.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related(*_PART, "below__case")

    def context(self) -> dict[str, Any]:
        part: TaskPart = self.object
        case, row = part.case, part_row(part, working_calendar())
        mine = part.organisation is not None and self.actor.may(HANDLE, *part.organisation.paths)
        giver, seen = (
            self.actor.may(HANDLE, *case.organisation.paths),
            self.actor.may(VIEW, *case.organisation.paths),
        )
        below = getattr(part, "below", None)
        return row | {
            "case": case, "task": case.task, "below": below.case if below is not None else None, "seen": seen,
            "may_reply": mine and part.is_open and case.is_open,
            "may_down": mine and part.is_open and below is None and case.is_open,
            "may_accept": giver and row["state"] == "replied" and case.is_open,
            "may_return": giver and row["state"] in ("replied", "refused") and case.is_open,
            "may_withdraw": giver and row["state"] not in ("accepted", "withdrawn") and case.is_open,
        }  # fmt: skip


class Plans(List):
    model = Plan
    permission = VIEW
    template_name = "cases/tasks/plans.html"

    def get_queryset(self) -> Any:
        late = Q(tasks__case__closed_at=None, tasks__case__due_at__lt=timezone.now())
        return (
            super().get_queryset().select_related("organisation").annotate(
                count=Count("tasks"), late=Count("tasks", filter=late), mean=Avg("tasks__progress"),
            )
        )  # fmt: skip

    def decorate(self, rows: list[Any]) -> list[Any]:
        return [{"plan": one, "mean": int(one.mean or 0)} for one in rows]

    def context(self) -> dict[str, Any]:
        return {"tabs": tabs("desk_plans"), "may_make": bool(self.access.prefixes(PLANS))}


class PlanPage(Detail):
    """A plan: every target with method, steps, safeguard, duty holder, and how far it is."""

    model = Plan
    permission = VIEW
    template_name = "cases/tasks/plan.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("organisation")

    def context(self) -> dict[str, Any]:
        plan: Plan = self.object
        rows = Case.objects.visible_to(self.access, to=VIEW).filter(task__plan=plan)
        rows = rows.select_related("task", "owner").prefetch_related("parts__organisation").order_by("pk")
        now, calendar = timezone.now(), working_calendar()
        found: list[dict[str, Any]] = [
            {"case": one, "task": one.task, "state": state_label(one), "light": light(one, now, calendar),
             "holders": "、".join(dict.fromkeys(part.holder for part in one.parts.all()))
             or (one.owner.display_name if one.owner else "")}
            for one in rows[:500]
        ]  # fmt: skip
        mean = sum(row["task"].progress for row in found) // len(found) if found else 0
        may = plan.closed_at is None and self.actor.may(PLANS, *plan.organisation.paths)
        done = bool(found) and all(row["case"].closed_at for row in found)
        return {"rows": found, "mean": mean, "may_give": may, "may_close": may and done}
