"""保险保障 of the demonstration: everyone with a card is covered, claims stand at every step, one was granted."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from unionhall import rulebook
from unionhall.benefits.actions import cover_claims as claims
from unionhall.benefits.actions import insurers
from unionhall.benefits.actions.cover_enrolment import sweep
from unionhall.benefits.schemes.cover import CoverScheme
from unionhall.foundation.actors import system_actor
from unionhall.ledger import actions as ledger
from unionhall.members.models import Membership
from unionhall.organisations.models import Organisation
from unionhall.records.uploads import Upload
from unionhall.reviews import actions as reviewing
from unionhall.reviews.models import Review, ReviewStep

from . import clock

if TYPE_CHECKING:
    from .work import Stage

__all__ = ["leave_claims"]

WHY = "示范数据"
BUDGET = Decimal("5000000.00")
_PDF = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
_FIRE = {"place": "家中", "story": "厨房电线老化短路起火，烧毁橱柜和家电，无人受伤"}
_FALL = {"place": "小区门口", "story": "下班路上骑车避让行人摔倒，右腿骨折，住院治疗"}
#: What happened, how long ago (days), how many working days ago it was handed in, how many steps are passed; "" or what
#: the decider of the next step does.
CLAIMS: tuple[tuple[str, dict[str, Any], int, int, int, str], ...] = (
    ("fire", _FIRE | {"loss": "42000"}, 50, 14, 4, ""),
    ("fire", _FIRE | {"loss": "32000"}, 9, 1, 0, ""),
    ("fire", _FIRE | {"loss": "86000"}, 30, 6, 1, ""),
    ("disability", _FALL | {"grade": "8"}, 60, 8, 2, ""),
    ("fire", _FIRE | {"loss": "15000"}, 20, 4, 0, "return"),
    ("fire", _FIRE | {"loss": "54000"}, 45, 15, 4, ""),
    ("disability", _FALL | {"grade": "9"}, 75, 12, 1, "refuse"),
)


def leave_claims(stage: Stage) -> None:
    """Enrolments of all cards; budgets of this year; claims of members of the express company."""
    sweep()
    top = Organisation.objects.everywhere(reason=WHY).get(pk=stage.made.unions[0].id)
    for programme in ("cover_accident", "cover_women", "cover_third"):
        ledger.open_budget(
            system_actor(WHY), organisation=top, programme=programme, year=stage.today.year, amount=BUDGET
        )
    _insurer(stage, top)
    held = [*_member(stage), *stage.members(stage.story.express, len(CLAIMS) + 12)[12:]]
    for membership, told in zip(held, CLAIMS, strict=False):
        _claim(stage, membership, *told)


def _insurer(stage: Stage, top: Organisation) -> None:
    """The insurer that the schemes name, and its seat. Rolls are asked for at the desk."""
    keeper = stage.actor("province")
    version: rulebook.Version[CoverScheme] = rulebook.scheme(
        "cover_third", on=stage.today, division=top.division
    )
    given = {
        "name": version.parameters.insurer,
        "contact": "承保经办员",
        "telephone": "12351",
        "settles": True,
    }
    named = insurers.named(version.parameters.insurer)
    found = insurers.save_insurer(keeper, organisation=top, insurer=None, given=given | {"programmes": named})
    insurers.add_seat(keeper, insurer=found, account=stage.opened.accounts["insurer"])


def _member(stage: Stage) -> list[Membership]:
    """The member that people sign in as: his claim for a fire was granted."""
    rows = (
        Membership.objects.everywhere(reason=WHY).current().select_related("person__account", "organisation")
    )
    return list(rows.filter(person__account=stage.opened.accounts.get("member"))[:1])


def _claim(
    stage: Stage,
    membership: Membership,
    peril: str,
    said: dict[str, Any],
    ago: int,
    days: int,
    passed: int,
    then: str,
) -> None:
    event = stage.today - timedelta(days=ago)
    with clock.at(stage.days_ago(days)):
        actor = stage.worker(membership.person)
        claim = claims.start(
            actor, person=membership.person, programme="cover_accident", peril=peril, event_on=event
        )
        if peril == "disability":
            said = said | {
                "treated_until": event + timedelta(days=20),
                "assessed_on": event + timedelta(days=25),
            }
        claim = claims.describe(actor, claim=claim, particulars=said)
        for paper in claims.papers_of(claim):
            upload = Upload(f"{paper.label}.pdf", "application/pdf", len(_PDF), BytesIO(_PDF))
            claims.add_paper(actor, claim=claim, code=paper.code, upload=upload)
        claim = claims.submit(actor, claim=claim, consent=True)
        claim.created_at = timezone.now()
        claim.save(update_fields=["created_at"])
    assert claim.review is not None
    for step in range(passed):
        with clock.at(stage.days_ago(max(0, days - 1 - 2 * step))):
            _decide(stage, claim.review, "approve")
    if then:
        with clock.at(stage.days_ago(max(0, days - 2 - 2 * passed))):
            _decide(stage, claim.review, then)


def _decide(stage: Stage, review: Review, verb: str) -> None:
    rows = ReviewStep.objects.everywhere(reason=WHY).select_related("organisation")
    step = rows.get(review=review, is_current=True)
    decider = stage.decider(step)
    if verb == "approve":
        reviewing.approve(decider, step=step, opinion="情况属实，材料齐全，同意。")
    elif verb == "refuse":
        reviewing.refuse(decider, step=step, opinion="事故发生在上班期间，属于工伤，请按工伤保险办理。")
    else:
        reviewing.return_for_completion(
            decider, step=step, opinion="损失清单没有写购置时间，请补齐后重新上传。"
        )
