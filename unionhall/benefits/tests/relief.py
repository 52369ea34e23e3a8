"""Setting the scene for tests of relief: an application of alpha_1's household, and each stage after it."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.utils import timezone

from tests.world import World, resident_id
from unionhall.benefits.actions import relief
from unionhall.benefits.actions.relief.applying import CONSENT, Relative
from unionhall.benefits.models import Aid, CivilCheck, CivilCheckRow, HardshipFile
from unionhall.bulletins.actions import close_due as close_notices
from unionhall.bulletins.models import NoticeRow
from unionhall.foundation.actors import Actor, system_actor
from unionhall.ledger import actions as money
from unionhall.ledger.models import Budget
from unionhall.members import consents
from unionhall.members.models import Relation
from unionhall.records import attachments
from unionhall.records.models import Attachment
from unionhall.reviews.actions import approve
from unionhall.reviews.models import ReviewStep

SYSTEM = system_actor()
WHY = "test"


def child_number(world: World) -> str:
    born = world.people["alpha_1"].birth
    assert born is not None
    return resident_id(born.replace(year=2010), "2", 47)


def child(world: World, **more: Any) -> Relative:
    return Relative("张小雨", Relation.DAUGHTER, child_number(world), **more)


def agree(world: World, who: str = "worker_alpha", person: str = "alpha_1") -> None:
    consents.give(world.actor(who), person=world.people[person], purpose=CONSENT)


def applied(world: World, **more: Any) -> HardshipFile:
    """A worker and a daughter who live on 18,000 yuan a year, 6,000 of it for treatment: 500 a month each."""
    agree(world)
    facts: dict[str, Any] = {
        "relatives": [child(world)],
        "income": Decimal(18000),
        "expense": Decimal(6000),
        "health": "chronic",
        "main_cause": "illness",
        "housing": "rented",
        "statement": "妻子去世后独自抚养女儿。",
    } | more
    return relief.apply(world.actor("worker_alpha"), person=world.people["alpha_1"], **facts)


def step(file: HardshipFile) -> ReviewStep:
    rows = ReviewStep.objects.everywhere(reason=WHY).select_related("organisation")
    return rows.get(review=file.review_id, is_current=True)


def pass_step(world: World, file: HardshipFile) -> None:
    """The current step is approved by an account of the world that holds its role there."""
    now = step(file)
    who = {"chair": "chair_alpha", "officer": "east_officer", "reviewer": "reviewer"}[now.role]
    approve(world.actor(who), step=now)


def authorisation(actor: Actor = SYSTEM) -> Attachment:
    return attachments.store(
        actor, BytesIO(b"%PDF-1.4 signed %%EOF"), name="授权书.pdf", content_type="application/pdf",
        purpose="benefits.relief_authorisation",
    )  # fmt: skip


def visited(world: World, **more: Any) -> HardshipFile:
    file = applied(world, **more)
    pass_step(world, file)
    relief.record_visit(
        world.actor("chair_alpha"), file=file, on=timezone.localdate(), visitors="王主席、李干事",
        findings="情况属实", authorisation=authorisation(),
    )  # fmt: skip
    return fresh(file)


def answers(check: CivilCheck, result: str = "一致", status: str = "无", income: str = "") -> BytesIO:
    """An answer file: the same for everybody."""
    rows = CivilCheckRow.objects.everywhere(reason=WHY).filter(check_of=check).select_related("member")
    lines = [",".join(relief.CHECK_HEADINGS)]
    lines += [f"{row.key},{row.member.name},{result},{status},{income}," for row in rows.order_by("pk")]
    return BytesIO("\n".join(lines).encode())


def checked(
    world: World, result: str = "一致", status: str = "无", income: str = "", **more: Any
) -> HardshipFile:
    file = visited(world, **more)
    officer = world.actor("river_officer")
    check = relief.make_check(officer, organisation=world.unions["east"], files=[file])
    relief.take_check(officer, check=check, source=answers(check, result, status, income))
    return fresh(file)


def publicised(world: World, **more: Any) -> HardshipFile:
    file = checked(world, **more)
    pass_step(world, file)
    relief.publicise(
        world.actor("river_officer"),
        files=[file],
        organisation=world.unions["east"],
        title="困难职工建档公示",
    )
    return fresh(file)


def let_pass(days: int = 30) -> None:
    """The notices' periods are over."""
    close_notices(SYSTEM, today=timezone.localdate() + timedelta(days=days))


def filed(world: World, **more: Any) -> HardshipFile:
    file = publicised(world, **more)
    let_pass()
    pass_step(world, file)
    return fresh(file)


def fresh(file: HardshipFile) -> HardshipFile:
    rows = HardshipFile.objects.everywhere(reason=WHY)
    return rows.select_related("person", "organisation", "household", "review").get(pk=file.pk)


def budget(world: World, programme: str, amount: int = 50_000) -> Budget:
    return money.open_budget(
        SYSTEM, organisation=world.unions["east"], programme=programme, year=timezone.localdate().year,
        amount=amount,
    )  # fmt: skip


def grant(world: World, file: HardshipFile, programme: str, wanted: int, **more: Any) -> Aid:
    return relief.grant_aid(
        world.actor("river_officer"), file=file, programme=programme, wanted=Decimal(wanted), **more
    )


def row_of(file: HardshipFile) -> NoticeRow:
    return NoticeRow.objects.everywhere(reason=WHY).select_related("notice").get(key=file.key)
