"""Samples of incidents, supervision, tasks and transfers: an incident, a task and its part, a note, in `alpha`."""

from collections.abc import Callable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import core, incidents, incidents_release, incidents_room, task_parts, tasks
from unionhall.cases.models import Case, CaseTransfer, Plan, SupervisionNote, TaskPart
from unionhall.cases.tests.incidents import facts
from unionhall.foundation.actors import system_actor
from unionhall.kit.tests.test_pictures import jpeg
from unionhall.records.uploads import Upload

from .sample import UNION, Sample

SYSTEM = system_actor("示例")


def incident(world: World) -> Case:
    return incidents.report(
        SYSTEM,
        organisation=world.unions[UNION],
        title="停工讨薪",
        facts=facts(),
        employer=world.employers[UNION],
    )


def warning(world: World) -> Case:
    return incidents.make_warning(
        SYSTEM, organisation=world.unions[UNION], employer=world.employers[UNION], title="案件集中", cases=5,
        headcount=12,
    )  # fmt: skip


def opinion(world: World) -> Any:
    return incidents_room.collect(SYSTEM, incident(world), topic="wages", body="补发工资", people=9)


def release(world: World) -> Any:
    return incidents_release.draft(SYSTEM, incident(world), title="通报", body="已到现场。")


def entry(world: World) -> Any:
    content = jpeg()
    photo = Upload("现场.jpg", "image/jpeg", len(content), BytesIO(content))
    return incidents_room.log(SYSTEM, incident(world), kind="scene", body="平稳", photo=photo)


def later(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def plan(world: World) -> Plan:
    return tasks.make_plan(
        SYSTEM, organisation=world.unions[UNION], kind="one_six", title="“1+6”文件", starts_on=later(0),
        ends_on=later(99),
    )  # fmt: skip


def task(world: World) -> Case:
    return tasks.give(
        SYSTEM, organisation=world.unions[UNION], title="治欠保支", target="清零", due_on=later(60)
    )


def part(world: World) -> TaskPart:
    return task_parts.ask_union(
        SYSTEM, task(world), organisation=world.unions[UNION], holder="王部长", asked="摸排", due_on=later(9)
    )


def note(world: World) -> SupervisionNote:
    found = incident(world)
    return SupervisionNote.objects.create(
        number="DB2026010100001", case=found, issuer=found.organisation, addressee=found.organisation, asked="说明",
        working_days=3, due_on=later(3), issued_by="示例",
    )  # fmt: skip


def transfer(world: World) -> CaseTransfer:
    case = core.open_case(
        SYSTEM, kind="incident", organisation=world.unions[UNION], title="移来的案件", channel="6"
    )
    return CaseTransfer.objects.create(
        key="north-1", case=case, direction="in", federation="north", digest="", actor_name="示例"
    )


def _number(make: Callable[[World], Any], **more: Any) -> Callable[[World], Sample]:
    return lambda world: Sample({"slug": make(world).number, **more}, world.unions[UNION].paths)


def _pk(make: Callable[[World], Any], **more: Any) -> Callable[[World], Sample]:
    return lambda world: Sample({"pk": make(world).pk, **more}, world.unions[UNION].paths)


_ROOM = (
    "desk_incident", "desk_incident_wall", "desk_incident_log", "desk_incident_grade", "desk_incident_duty",
    "desk_incident_opinion", "desk_incident_talk", "desk_incident_agreement", "desk_incident_performed",
    "desk_incident_release", "desk_incident_review", "desk_supervision_new", "desk_case_transfer_send",
)  # fmt: skip
_NOTE = ("", "_reply", "_settle", "_withdraw")
_PART = ("", "_reply", "_up", "_down", "_accept", "_return", "_withdraw")
#: Address → its sample.
INCIDENTS: dict[str, Callable[[World], Sample]] = {
    **dict.fromkeys(_ROOM, _number(incident)),
    "desk_incident_report": _number(warning),
    "desk_incident_move": _number(incident, code="verify"),
    "desk_incident_answer": _pk(opinion),
    "desk_incident_release_act": _pk(release, verb="check"),
    "desk_incident_photo": _pk(entry),
    **dict.fromkeys(("desk_plan", "desk_plan_close"), _pk(plan)),
    **dict.fromkeys(("desk_task", "desk_task_ask", "desk_task_merge", "desk_task_close"), _number(task)),
    **{f"desk_task_part{name}": _pk(part) for name in _PART},
    "desk_supervision_note": _number(note),
    **{f"desk_supervision{name}": _number(note) for name in _NOTE if name},
    "desk_case_transfer_receipt": _pk(transfer),
}
