"""Verbs of tasks as a whole: plans, a task given, its replies merged, closed; what was handed down answers upward."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal

from .. import clocks
from ..models import Case, Channel, Plan, Task, TaskPart
from ..rules.tasks import Part, merged, progress
from ..schemes.base import ClockRule
from ..schemes.tasks import TaskScheme
from ..versions import scheme_of
from . import core
from .locking import lock_open, words

__all__ = ["close", "close_plan", "facts_of", "give", "locked", "make_plan", "merge", "reckon"]
HANDLE, PLANS = "cases.tasks_handle", "cases.plans"
#: The limit of a task is the day that whoever gives it names.
LONGEST_DAYS = 3650


@transaction.atomic
def make_plan(
    actor: Actor,
    *,
    organisation: Organisation,
    kind: str,
    title: str,
    starts_on: date,
    ends_on: date,
    document: str = "",
) -> Plan:
    """Enter a plan; its targets are given as tasks."""
    actor.require(PLANS, *organisation.paths)
    if ends_on < starts_on:
        raise Refused("结束日期不能早于开始日期。", field="ends_on")
    plan = Plan.objects.create(
        organisation=organisation, kind=kind, title=words(title, "title", "请填写规划名称。", 120),
        document=document.strip()[:60], starts_on=starts_on, ends_on=ends_on, made_by=actor.name[:80],
    )  # fmt: skip
    journal(actor, "cases.plan_made", subject=plan, paths=organisation.paths, detail={"kind": kind})
    return plan


@transaction.atomic
def close_plan(actor: Actor, *, plan: Plan) -> Plan:
    """A plan ends when none of its tasks is open."""
    rows = Plan.objects.everywhere(reason="whoever acts is asked once it is locked")
    fresh = rows.select_for_update(of=("self",)).select_related("organisation").get(pk=plan.pk)
    actor.require(PLANS, *fresh.organisation.paths)
    if fresh.closed_at is not None:
        raise Refused("规划已经结束。")
    of_plan = Task.objects.everywhere(reason="the tasks of a plan that is locked").filter(plan=fresh)
    if waiting := of_plan.filter(case__closed_at=None).count():
        raise Refused(f"还有 {waiting} 项任务没有办结，办结或撤回后再结束规划。")
    fresh.closed_at = timezone.now()
    fresh.save(update_fields=["closed_at"])
    journal(actor, "cases.plan_closed", subject=fresh, paths=fresh.organisation.paths)
    return fresh


@transaction.atomic
def give(
    actor: Actor,
    *,
    organisation: Organisation,
    title: str,
    target: str,
    due_on: date,
    methods: str = "",
    steps: str = "",
    safeguard: str = "",
    plan: Plan | None = None,
    above: TaskPart | None = None,
    statement: str = "",
) -> Case:
    """交办: a task of the union with its target and last day. `above`: handed down as a part of a task above.

    Who gives a task holds `cases.plans`; who hands a part of one on answers for that part.
    """
    actor.require(HANDLE if above is not None else PLANS, *organisation.paths)
    today = timezone.localdate()
    if not 0 <= (due_on - today).days <= LONGEST_DAYS:
        raise Refused("完成期限应在今天以后、十年以内。", field="due_on")
    if plan is not None:
        rows = Plan.objects.everywhere(reason="whether the plan that is named is open, and whose")
        if (
            not rows.select_for_update()
            .filter(pk=plan.pk, closed_at=None, organisation=organisation)
            .exists()
        ):
            raise Refused("请选择本工会没有结束的规划。", field="plan")
    case = core.open_case(
        actor, kind="task", organisation=organisation, title=title, channel=Channel.UNION, statement=statement
    )
    Task.objects.create(
        case=case, plan=plan, above=above, target=words(target, "target", "请写明目标。", 500), due_on=due_on,
        methods=methods.strip()[:500], steps=steps.strip()[:1000], safeguard=safeguard.strip()[:500],
    )  # fmt: skip
    _until(case, due_on)
    journal(
        actor, "cases.task_given", subject=case, label=case.number, paths=organisation.paths,
        detail={"plan": plan.pk if plan else None, "above": above.pk if above else None},
    )  # fmt: skip
    return case


def _until(case: Case, due_on: date) -> None:
    """The task's clock ends on the day that was named."""
    days = max(1, (due_on - timezone.localdate(case.opened_at)).days)
    said = scheme_of(case).clock("task")
    rule = ClockRule(code=said.code, label=said.label, unit="days", amount=days, article=said.article)
    clocks.start(case, [rule], case.opened_at, working_calendar())
    case.due_at = clocks.first_due(case)
    case.save(update_fields=["due_at"])


def locked(actor: Actor, case: Case, permission: str = HANDLE) -> Case:
    """The open task, locked, for an actor who may."""
    fresh = lock_open(case.pk)
    actor.require(permission, *fresh.organisation.paths)
    return fresh


def facts_of(parts: list[TaskPart]) -> list[Part]:
    """Parts as the rules see them, with what departments have said since."""
    state = TaskPart.State
    return [
        Part(
            holder=f"{one.who}（{one.holder}）", due_on=one.due_on, reply=one.answer,
            progress=100 if one.stands == state.REPLIED and one.referral_id else one.progress,
            accepted=one.state == state.ACCEPTED, withdrawn=one.state == state.WITHDRAWN,
        )
        for one in parts
    ]  # fmt: skip


def reckon(case: Case) -> int:
    """The task's progress by its parts; a task handed down tells the part above how far it is."""
    rows = case.parts.select_related("organisation", "referral")
    task = Task.objects.everywhere(reason="of a task that is locked").select_related("above").get(case=case)
    task.progress = progress(facts_of(list(rows)))
    task.save(update_fields=["progress"])
    if task.above is not None and task.above.is_open:
        task.above.progress = task.progress
        task.above.save(update_fields=["progress"])
        reckon(task.above.case)
    return task.progress


@transaction.atomic
def merge(actor: Actor, case: Case, *, conclusion: str) -> Case:
    """汇总: the replies of all parts, each under its holder, after what the giver concludes from them."""
    fresh = locked(actor, case)
    conclusion = words(conclusion, "conclusion", "请写明汇总意见。", 1000)
    parts = list(fresh.parts.select_related("organisation", "referral"))
    fresh = core.move(actor, fresh, "merge")
    task = Task.objects.everywhere(reason="of a task that is locked").get(case=fresh)
    task.result = f"{conclusion}\n{merged(facts_of(parts))}"
    task.save(update_fields=["result"])
    core.write(actor, fresh, "answer", task.result)
    return fresh


@transaction.atomic
def close(actor: Actor, case: Case, *, opinion: str) -> Case:
    """办结. What was handed down answers the part above with the merged reply."""
    from .task_parts import take_up

    fresh = locked(actor, case)
    fresh = core.move(actor, fresh, "close", opinion=opinion)
    rows = Task.objects.everywhere(reason="of a task that is locked").select_related(
        "above__case__organisation"
    )
    task = rows.get(case=fresh)
    task.progress = 100
    task.save(update_fields=["progress"])
    if task.above is not None and task.above.is_open:
        take_up(actor, task.above, task.result)
    return fresh


def parameters_of(case: Case) -> TaskScheme:
    found = scheme_of(case)
    assert isinstance(found, TaskScheme)
    return found
