"""手工申请: a settlement that no file brought, claimed with papers, reviewed, then worked out like any other."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.money import cents
from unionhall.kit.text import strip_blanks
from unionhall.ledger.reading import budget_for
from unionhall.members import consents
from unionhall.members.models import Person
from unionhall.organisations.models import Organisation
from unionhall.records import attachments
from unionhall.records.actions import journal
from unionhall.records.uploads import Upload
from unionhall.reviews.actions import plan, submit
from unionhall.rulebook import Version

from ...models import MedicalClaim, MedicalPaper, SettlementLine
from ...places import places_of
from ...schemes.medical import PROGRAMME, MedicalAidScheme
from .adjudicating import rows_for, work
from .exceptions import place_on, settle
from .turns import take_turn

__all__ = ["CONSENT", "PROCEDURE", "Paper", "apply", "plan_for", "settle_claim"]

PROCEDURE = "medical_aid"
#: What the worker separately agrees to (members.consents).
CONSENT = "medical"
_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,39}")
_WHY = "the claim of a review, or the person's own"


@dataclass(frozen=True)
class Paper:
    """A paper of the scheme's list that was handed in."""

    code: str
    upload: Upload


def plan_for(person: Person, on: date) -> tuple[Version[MedicalAidScheme], Organisation]:
    """The plan of the person's union on a day, and that union. Refused where he was no member, or there is no plan."""
    membership = place_on(person, on)
    if membership is None:
        raise Refused("结算当天您还不是会员，不能申请。", "settled_on")
    union = membership.organisation
    return rulebook.scheme(MedicalAidScheme, on=on, division=union.division), union


@transaction.atomic
def apply(
    actor: Actor,
    *,
    person: Person,
    number: str,
    settled_on: date,
    selfpay: Decimal,
    hospital: str = "",
    diagnosis: str = "",
    papers: Sequence[Paper] = (),
) -> MedicalClaim:
    """Claim a settlement with papers. Only the person himself can, with his consent to the use of health facts."""
    if not actor.speaks_for(person.pk, person.account_id):
        raise Refused("只能由本人申请。")
    if CONSENT not in consents.in_force(person):
        raise Refused("申请要使用您的就医信息，需要您单独同意。", "consent")
    clean = strip_blanks(number)
    if not _NUMBER.fullmatch(clean):
        raise Refused("结算号是结算单上的编号，只有字母和数字。请核对。", "number")
    today = timezone.localdate()
    if settled_on > today:
        raise Refused("结算日期不能晚于今天。", "settled_on")
    if selfpay <= 0:
        raise Refused("个人自付金额必须大于零。", "selfpay")
    version, union = plan_for(person, settled_on)
    scheme = version.parameters
    if settled_on + relativedelta(months=scheme.claim_months) < today:
        raise Refused(f"结算后 {scheme.claim_months} 个月内可以申请，这一笔已经超过期限。", "settled_on")
    _require_papers(version, papers)
    Person.objects.everywhere(reason=_WHY).select_for_update(no_key=True).get(pk=person.pk)
    _require_new(person, clean)
    details = {"name": person.name, "hospital": hospital.strip(), "diagnosis": diagnosis.strip()}
    review = submit(
        actor,
        procedure=PROCEDURE,
        title=f"医疗互助：{person.masked_name}",
        organisation=union,
        steps=plan(scheme.steps, places_of(union), besides=person.account_id),
        scheme=version,
        concerns=person.account_id,
    )
    claim = MedicalClaim.objects.create(
        person=person, organisation=union, review=review, number=clean, settled_on=settled_on,
        selfpay=f"{cents(selfpay):.2f}", consented_at=timezone.now(),
        details=json.dumps({key: text for key, text in details.items() if text}, ensure_ascii=False),
    )  # fmt: skip
    labels = {paper.code: paper.label for paper in scheme.papers}
    for paper in papers:
        stored = attachments.store(
            actor, paper.upload.content, name=paper.upload.name, content_type=paper.upload.content_type,
            purpose="benefits.medical", paths=union.paths, size=paper.upload.size,
        )  # fmt: skip
        MedicalPaper.objects.create(claim=claim, code=paper.code, label=labels[paper.code], file=stored)
    journal(actor, "benefits.medical_claimed", subject=claim, label=review.number, paths=union.paths)
    return claim


def _require_papers(version: Version[MedicalAidScheme], papers: Sequence[Paper]) -> None:
    known = {paper.code: paper for paper in version.parameters.papers}
    given = {paper.code for paper in papers}
    if unknown := given - set(known):
        raise ValueError(f"no such papers: {sorted(unknown)}")
    for code, paper in known.items():
        if paper.required and code not in given:
            raise Refused(f"请上传{paper.label}。", f"paper_{code}")


def _require_new(person: Person, number: str) -> None:
    lines = SettlementLine.objects.everywhere(reason=_WHY)
    if lines.filter(person=person, number=number, state=SettlementLine.State.MATCHED).exists():
        raise Refused("这次结算已经由医保报送并自动理赔，不用申请。请在“医疗互助”里查看。", "number")
    claims = MedicalClaim.objects.everywhere(reason=_WHY).filter(person=person, number=number)
    if claims.filter(review__state__in=["pending", "returned", "approved"]).exists():
        raise Refused("这次结算已经申请过。请在“我的办件”里查看进度。", "number")


def settle_claim(actor: Actor, claim: MedicalClaim) -> SettlementLine:
    """The reviewed claim becomes a settlement and is worked out. Refused where its number came in meanwhile."""
    take_turn()
    path = claim.organisation.path
    line = SettlementLine(
        number=claim.number, settled_on=claim.settled_on, person=claim.person, path=path,
        division=claim.organisation.division, selfpay=claim.selfpay, details=claim.details,
        resolution=f"手工申请 {claim.review.number}",
    )  # fmt: skip
    settle(line)
    if line.replaces is not None:
        raise Refused("这次结算已经由医保报送并理赔，不能再按申请支付。请不予通过，并说明原因。")
    if budget_for(PROGRAMME, claim.settled_on.year, line.path) is None:
        raise Refused(f"还没有设立 {claim.settled_on.year} 年医疗互助的预算，请财务人员设立后再通过。")
    line.save()
    claim.line = line
    claim.save(update_fields=["line"])
    work(actor, rows_for([line.pk]), submitted_at=claim.created_at, label=claim.review.number)
    line.refresh_from_db(from_queryset=SettlementLine.objects.everywhere(reason=_WHY))
    return line
