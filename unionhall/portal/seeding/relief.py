"""困难帮扶 in the demonstration: households at every stage, a visit that is near and one that is late, aids."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING

from django.utils import timezone

from unionhall.access.models import Account
from unionhall.benefits.actions import relief
from unionhall.benefits.actions.relief.applying import CONSENT
from unionhall.benefits.actions.relief.working import county_of, possible_helpers
from unionhall.benefits.models import CivilCheckRow, HardshipFile
from unionhall.bulletins.actions import close_due as close_notices
from unionhall.foundation.actors import system_actor
from unionhall.ledger.actions import open_budget
from unionhall.members import consents
from unionhall.members.models import Membership
from unionhall.organisations.models import Organisation
from unionhall.records import attachments
from unionhall.reviews import actions as reviewing
from unionhall.reviews.models import ReviewStep

from . import clock

if TYPE_CHECKING:
    from .work import Stage

__all__ = ["leave"]

WHY = "示范数据"
KEEPER = system_actor("帮扶中心（示范）")
#: How far each has come, how many working days ago it was applied for, income and rigid expense of the year, cause.
HOUSEHOLDS = (
    ("applied", 1, 9600, 3000, "job"),
    ("visited", 9, 12000, 4800, "illness"),
    ("checking", 11, 8400, 2000, "schooling"),
    ("publicised", 13, 10800, 3600, "disability"),
    ("approved", 40, 14400, 9000, "illness"),
    ("late", 160, 13000, 7000, "illness"),
    ("near", 142, 7200, 0, "low_income"),
)
BUDGETS = {
    "living_aid": 200_000,
    "medical_relief": 300_000,
    "school_aid": 150_000,
    "temporary_aid": 100_000,
    "warmth": 80_000,
}


def leave(stage: Stage) -> None:
    city = Organisation.objects.everywhere(reason=WHY).get(pk=stage.story.city.id)
    for programme, amount in BUDGETS.items():
        open_budget(
            system_actor("示范"), organisation=city, programme=programme, year=stage.today.year, amount=amount
        )
    members = stage.members(stage.story.electronics, len(HOUSEHOLDS))
    for membership, (target, days, income, expense, cause) in zip(members, HOUSEHOLDS, strict=False):
        _bring(stage, membership, target, days, income, expense, cause)


def _bring(
    stage: Stage, membership: Membership, target: str, days: int, income: int, expense: int, cause: str
) -> None:
    person = membership.person
    with clock.at(stage.days_ago(days)):
        actor = stage.worker(person)
        consents.give(actor, person=person, purpose=CONSENT)
        file = relief.apply(
            actor, person=person, relatives=[], income=Decimal(income), expense=Decimal(expense), main_cause=cause,
            housing="rented",
        )  # fmt: skip
    if target == "applied":
        return
    _pass(stage, file, days - 1)
    with clock.at(stage.days_ago(days - 2)):
        _visit(stage, file, "首次入户：租房居住，收入和支出与申报一致。", signed=True)
    if target == "visited":
        return
    with clock.at(stage.days_ago(days - 3)):
        check = relief.make_check(KEEPER, organisation=county_of(file), files=[file])
    if target == "checking":
        return
    with clock.at(stage.days_ago(days - 6)):
        rows = CivilCheckRow.objects.everywhere(reason=WHY).filter(check_of=check).select_related("member")
        lines = [",".join(relief.CHECK_HEADINGS), *(f"{row.key},{row.member.name},一致,无,," for row in rows)]
        relief.take_check(KEEPER, check=check, source=BytesIO("\n".join(lines).encode()))
    _pass(stage, file, days - 7)
    with clock.at(stage.days_ago(days - 8)):
        month = f"{timezone.localdate():%Y年%-m月}"
        relief.publicise(
            KEEPER, files=[_now(file)], organisation=county_of(file), title=f"{month}困难职工建档公示"
        )
    if target == "publicised":
        return
    with clock.at(stage.days_ago(days - 15)):
        close_notices(KEEPER)
    _pass(stage, file, days - 16)
    _help(stage, _now(file), target)


def _visit(stage: Stage, file: HardshipFile, findings: str, *, signed: bool = False) -> None:
    scan = None
    if signed:
        content = b"%PDF-1.4\n% signed\n%%EOF"
        scan = attachments.store(
            KEEPER, BytesIO(content), name="核查授权书.pdf", content_type="application/pdf", size=len(content),
            purpose="benefits.relief_authorisation", paths=file.organisation.paths,
        )  # fmt: skip
    relief.record_visit(
        KEEPER, file=file, on=timezone.localdate(), visitors="工会主席、女工委员", findings=findings,
        authorisation=scan,
    )  # fmt: skip


def _help(stage: Stage, file: HardshipFile, target: str) -> None:
    """A named helper, but for one that still wants one; aids of this year."""
    with clock.at(stage.days_ago(1)):
        helpers = possible_helpers(file)
        if helpers and target != "approved":
            account: Account = helpers[0].account
            relief.name_helper(KEEPER, file=file, account=account)
        relief.grant_aid(KEEPER, file=file, programme="living_aid", wanted=Decimal(4000))
        if target == "late":
            relief.grant_aid(
                KEEPER, file=file, programme="medical_relief", wanted=Decimal(6500), own_cost=Decimal(7000)
            )
        if target == "near":
            relief.propose_exit(KEEPER, file=_now(file), reason="employed", opinion="本人已稳定就业满半年。")


def _pass(stage: Stage, file: HardshipFile, days: int) -> None:
    rows = ReviewStep.objects.everywhere(reason=WHY).select_related("organisation")
    step = rows.get(review=file.review_id, is_current=True)
    with clock.at(stage.days_ago(days)):
        reviewing.approve(stage.decider(step), step=step, opinion="情况属实。")


def _now(file: HardshipFile) -> HardshipFile:
    rows = HardshipFile.objects.everywhere(reason=WHY)
    return rows.select_related("person", "organisation", "household", "review").get(pk=file.pk)
