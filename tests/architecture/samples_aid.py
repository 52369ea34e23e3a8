"""Samples of legal aid, lawyers and firms served: the worker's application in the east district and its lawyer."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import aid, core, lawyering
from unionhall.cases.models import AidAssignment, Case, CounselBatch, FirmCounsel, Lawyer, LegalAid
from unionhall.cases.tests import aid as scene
from unionhall.cases.tests import disputes
from unionhall.records.uploads import Upload

from .sample import OWNER, UNION, Sample, fixed

WHERE, LAWYER = "east", "lawyer"


def offered(world: World) -> AidAssignment:
    """An application whose lawyer has been asked."""
    found = scene.applied(world)
    aid.decide(scene.officer(world), case=found.case, granted=True)
    one = scene.lawyer(world, union=WHERE, account=LAWYER)
    return lawyering.offer(scene.officer(world), case=found.case, lawyer=one)


def working(world: World) -> AidAssignment:
    return lawyering.answer(world.actor(LAWYER), assignment=offered(world), accept=True)


def refused(world: World) -> LegalAid:
    found = scene.applied(world)
    return aid.decide(scene.officer(world), case=found.case, granted=False, opinion="材料不实")


def _applied(world: World) -> Case:
    return scene.applied(world).case


def _offered(world: World) -> Case:
    return offered(world).aid.case


def _refused(world: World) -> Case:
    return refused(world).case


def _case(make: Callable[[World], Case], **more: Any) -> Callable[[World], Sample]:
    return lambda world: Sample({"slug": make(world).number, **more}, world.unions[WHERE].paths)


def _own(make: Callable[[World], Case], **more: Any) -> Callable[[World], Sample]:
    return lambda world: Sample({"slug": make(world).number, **more}, owner=OWNER)


def _pk(make: Callable[[World], Any]) -> Callable[[World], Sample]:
    return lambda world: Sample({"pk": make(world).pk}, world.unions[WHERE].paths)


def _in_hand(make: Callable[[World], Any], **more: Any) -> Callable[[World], Sample]:
    return lambda world: Sample({"pk": make(world).pk, **more}, owner=LAWYER)


def _lawyer(world: World) -> Lawyer:
    return scene.lawyer(world, union=WHERE)


def counsel(world: World) -> FirmCounsel:
    today = timezone.localdate()
    return FirmCounsel.objects.create(
        lawyer=scene.lawyer(world, union=WHERE, account=LAWYER), employer=world.employers[UNION],
        organisation=world.unions[WHERE], period=DateRange(today, today + timedelta(days=365)),
    )  # fmt: skip


def batch(world: World) -> CounselBatch:
    today = timezone.localdate()
    return CounselBatch.objects.create(
        organisation=world.unions[WHERE], period=DateRange(today, today + timedelta(days=365)), most=10, placed=0,
        uncovered=0, made_by="示例",
    )  # fmt: skip


def paper(world: World) -> Sample:
    one = working(world)
    upload = Upload("合同.pdf", "application/pdf", 5, BytesIO(b"%PDF-"))
    kept = core.attach(world.actor(LAWYER), one.aid.case, upload)
    return Sample({"pk": one.pk, "file": kept.pk}, owner=LAWYER)


def from_dispute(world: World) -> Sample:
    return Sample({"slug": disputes.dispute(world).number}, world.unions[UNION].paths)


#: Address → its sample.
AID: dict[str, Callable[[World], Sample]] = {
    "m_aid_new_step": fixed(step="cause"),
    "m_aid": _own(_offered),
    "m_aid_done": _own(_applied),
    "m_aid_act": _own(_refused, verb="object"),
    "desk_aid_case": _case(_offered),
    "desk_aid_act": _case(_applied, verb="grant"),
    "desk_aid_from": from_dispute,
    **dict.fromkeys(
        ("desk_aid_body", "desk_aid_body_edit", "desk_aid_body_duty", "desk_aid_body_close"), _pk(scene.body)
    ),
    **dict.fromkeys(
        ("desk_lawyer", "desk_lawyer_edit", "desk_lawyer_leave", "desk_lawyer_conflict", "desk_lawyer_end"),
        _pk(_lawyer),
    ),
    **dict.fromkeys(("desk_counsel_batch", "desk_counsel_undo"), _pk(batch)),
    "partner_aid_case": _in_hand(offered),
    "partner_aid_act": _in_hand(offered, verb="accept"),
    "partner_aid_file": paper,
    "partner_firm_visit": _in_hand(counsel),
}  # fmt: skip
