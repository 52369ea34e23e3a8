"""Claims: started for an event within the cover, described, papers added, submitted; then a review decides."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.ledger.models import Payee
from unionhall.members import consents
from unionhall.members.models import Membership, Person
from unionhall.organisations.models import Organisation
from unionhall.records import attachments
from unionhall.records.actions import journal
from unionhall.records.uploads import Upload
from unionhall.reviews import actions as reviewing
from unionhall.reviews.models import Review
from unionhall.rulebook.rules import Outcome, rule_of
from unionhall.rulebook.versions import Version

from ..models import CoverClaim, CoverEnrolment, CoverPaper
from ..places import places_of
from ..rules import cover as rules
from ..schemes.base import Paper
from ..schemes.cover import CoverScheme
from .cover_enrolment import enrol
from .cover_money import paid_on_others, require_money_back

__all__ = [
    "CONSENT", "PAPERS", "PROCEDURE", "add_paper", "assessed", "describe", "drop", "inputs_of", "missing", "papers_of",
    "particulars_of", "peril_of", "remove_paper", "resubmit", "start", "submit", "version_of",
]  # fmt: skip

PROCEDURE, PAPERS, CONSENT = "benefits.cover_claim", "benefits.cover_claim", "cover_health"
WHY = "a claim whose person, union or review the caller has been asked for"
PAPERS_MOST = 12
Stage = CoverClaim.Stage
#: What a claim may say, by key; days in ISO, sums as text.
KEYS = frozenset(
    {
        "place",
        "story",
        "grade",
        "disease",
        "loss",
        "treated_until",
        "assessed_on",
        "claimant",
        "kinship",
        "phone",
    }
)


def version_of(claim: CoverClaim) -> Version[CoverScheme]:
    """The version in force where and when it happened."""
    return rulebook.scheme(claim.programme, on=claim.event_on, division=claim.organisation.division)


def peril_of(claim: CoverClaim) -> rules.Peril:
    found = version_of(claim).parameters.peril(claim.peril)
    if found is None:
        raise Refused("方案里已经没有这一项保障责任，请联系工会。")
    return found


def particulars_of(claim: CoverClaim) -> dict[str, str]:
    found: dict[str, str] = json.loads(claim.particulars.reveal())
    return found


def papers_of(claim: CoverClaim) -> list[Paper]:
    """The papers that this kind of event needs, in the scheme's order."""
    wanted, scheme = set(peril_of(claim).papers), version_of(claim).parameters
    return [paper for paper in scheme.papers if paper.code in wanted]


# Starting ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def start(actor: Actor, *, person: Person, programme: str, peril: str, event_on: date) -> CoverClaim:
    """A draft for an event. The person himself, or whoever helps at a window; a death only there, for the kin.

    Raises Refused for an event outside the cover, for one that is claimed already or whose payment was given up and has
    not come back, and when it is too late.
    """
    own = _is_own(actor, person)
    person = Person.objects.everywhere(reason=WHY).select_for_update(no_key=True).get(pk=person.pk)
    union = _union_of(person)
    if not own:
        actor.require("benefits.cover_claim", *union.paths)
    today = timezone.localdate()
    if event_on > today:
        raise Refused("日期不能晚于今天。", "event_on")
    enrol([person.pk], past=True)
    enrolment = _covering(person, programme, event_on)
    scheme = rulebook.scheme(programme, on=event_on, division=union.division).parameters
    found = scheme.peril(peril)
    if found is None:
        raise Refused("请选择发生了什么。", "peril")
    if own and found.by == "kin" and actor.stands_for is None:
        raise Refused("身故保障由家属到工会窗口申请，请带上亲属关系证明。", "peril")
    if (today - event_on).days > scheme.claim_within_days:
        raise Refused(f"超过了申请期限：应在发生后 {scheme.claim_within_days} 天内申请。", "event_on")
    require_money_back(person, programme, found, event_on)
    try:
        with transaction.atomic():
            claim = CoverClaim.objects.create(
                person=person, enrolment=enrolment, organisation=union, programme=programme, peril=peril,
                event_on=event_on, by_kin=found.by == "kin", particulars="{}", created_by_id=actor.account_id,
            )  # fmt: skip
    except IntegrityError:
        raise Refused("这次事故已经申请过，不用重复申请。请在理赔记录里查看。", "event_on") from None
    _note(actor, "benefits.cover_claim_started", claim, detail={"programme": programme, "peril": peril})
    return claim


def _is_own(actor: Actor, person: Person) -> bool:
    return actor.speaks_for(person.pk, person.account_id)


def _union_of(person: Person) -> Organisation:
    """Where the person stands, or stood last: kin claim after the membership has ended."""
    rows = Membership.objects.everywhere(reason=WHY).filter(person=person)
    last = rows.select_related("organisation").order_by("-period").first()
    if last is None:
        raise Refused("还不是工会会员，没有会员卡附带的保障。可以先申请入会。")
    return last.organisation


def _covering(person: Person, programme: str, day: date) -> CoverEnrolment:
    rows = CoverEnrolment.objects.everywhere(reason=WHY).filter(person=person, programme=programme)
    if (found := rows.in_force(day).first()) is not None:
        return found
    spans = [one.period for one in rows.order_by("pk") if not one.period.isempty]
    if not spans:
        raise Refused("没有这项保障的参保记录。会员卡有效的，请稍后再试；仍然没有的，请联系所在工会。")
    last = spans[-1]
    until = "" if last.upper is None else f"，{last.upper:%Y-%m-%d} 起终止"
    raise Refused(f"这一天不在保障期内：保障自 {last.lower:%Y-%m-%d} 起{until}。", "event_on")


# Filling in --------------------------------------------------------------------------------------------------------


@transaction.atomic
def describe(
    actor: Actor, *, claim: CoverClaim, particulars: Mapping[str, Any], payee: Payee | None = None
) -> CoverClaim:
    """Keep what happened, sealed. What is not mentioned stays as it was."""
    fresh = _editable(actor, claim)
    known = particulars_of(fresh)
    for key, value in particulars.items():
        if key not in KEYS:
            raise ValueError(f"a claim does not say {key}")
        if value in (None, ""):
            known.pop(key, None)
        else:
            known[key] = value.isoformat() if isinstance(value, date) else str(value).strip()[:1000]
    _require_sensible(fresh, known)
    fresh.particulars = json.dumps(known, ensure_ascii=False)
    if payee is not None:
        fresh.payee = payee
    fresh.save(update_fields=["particulars", "payee"])
    fresh.refresh_from_db(
        from_queryset=CoverClaim.objects.everywhere(reason=WHY).select_related("organisation")
    )
    return fresh


def _require_sensible(claim: CoverClaim, known: Mapping[str, str]) -> None:
    today = timezone.localdate()
    for key in ("treated_until", "assessed_on"):
        if (day := _day(known, key)) is not None and not claim.event_on <= day <= today:
            raise Refused(f"日期应在 {claim.event_on:%Y-%m-%d} 至今天之间。", key)
    if (assessed := _day(known, "assessed_on")) is not None:
        scheme = version_of(claim).parameters
        first = rules.first_assessment(claim.event_on, _day(known, "treated_until"), scheme.assess_by_day)
        if assessed < first:
            raise Refused(
                f"伤残等级应在治疗结束后评定；仍在治疗的，在第 {scheme.assess_by_day} 天评定，"
                f"最早 {first:%Y-%m-%d}。",
                "assessed_on",
            )


def _day(known: Mapping[str, str], key: str) -> date | None:
    return date.fromisoformat(known[key]) if known.get(key) else None


@transaction.atomic
def add_paper(actor: Actor, *, claim: CoverClaim, code: str, upload: Upload) -> CoverPaper:
    """A file under the code of one of the papers that the event needs."""
    fresh = _editable(actor, claim)
    if code not in {paper.code for paper in papers_of(fresh)}:
        raise Refused("请选择材料的种类。", "code")
    rows = CoverPaper.objects.everywhere(reason=WHY).filter(claim=fresh)
    if rows.count() >= PAPERS_MOST:
        raise Refused(f"最多上传 {PAPERS_MOST} 份材料，请先删去不需要的。", "file")
    stored = attachments.store(
        actor, upload.content, name=upload.name, content_type=upload.content_type, purpose=PAPERS,
        paths=fresh.organisation.paths, size=upload.size,
    )  # fmt: skip
    paper = CoverPaper.objects.create(claim=fresh, code=code, attachment=stored)
    _note(actor, "benefits.cover_paper_added", fresh, detail={"paper": code})
    return paper


@transaction.atomic
def remove_paper(actor: Actor, *, paper: CoverPaper) -> None:
    fresh = _editable(actor, paper.claim)
    stored = paper.attachment
    paper.delete()
    attachments.remove(stored)
    _note(actor, "benefits.cover_paper_removed", fresh, detail={"paper": paper.code})


@transaction.atomic
def drop(actor: Actor, *, claim: CoverClaim) -> None:
    """Throw a draft away, with its papers."""
    fresh = _editable(actor, claim)
    if not fresh.is_draft:
        raise Refused("已经提交，不能删除。不想继续办理的，请在办件里撤回。")
    for paper in CoverPaper.objects.everywhere(reason=WHY).filter(claim=fresh).select_related("attachment"):
        stored = paper.attachment
        paper.delete()
        attachments.remove(stored)
    _note(actor, "benefits.cover_claim_dropped", fresh)
    fresh.delete()


def _editable(actor: Actor, claim: CoverClaim) -> CoverClaim:
    """The claim, locked, if the actor may carry it and nobody is deciding on it."""
    rows = CoverClaim.objects.everywhere(reason=WHY).select_for_update(of=("self",))
    fresh = rows.select_related("person", "organisation", "review", "enrolment").get(pk=claim.pk)
    if not _is_own(actor, fresh.person) or (fresh.by_kin and actor.stands_for is None):
        actor.require("benefits.cover_claim", *fresh.organisation.paths)
    returned = fresh.review is not None and fresh.review.state == Review.State.RETURNED
    if not fresh.is_draft and not returned:
        raise Refused("申请已经提交，现在不能修改。需要补正时会通知您。")
    return fresh


# Submitting --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Missing:
    """Something that a claim still lacks: where it is given, and in words."""

    part: str
    text: str


def missing(claim: CoverClaim) -> list[Missing]:
    """What a claim lacks before it can be submitted."""
    known, peril = particulars_of(claim), peril_of(claim)
    found = []
    if len(known.get("story", "")) < 4:
        found.append(Missing("story", "写明事情经过"))
    needs = {"grade": "填写伤残等级", "disease": "选择所患疾病", "loss": "填写核定的损失金额"}
    found += [Missing(one, needs[one]) for one in peril.asks if not known.get(one)]
    if "grade" in peril.asks and not known.get("assessed_on"):
        found.append(Missing("assessed_on", "填写评定日期"))
    if claim.by_kin:
        found += [
            Missing(key, text)
            for key, text in (("claimant", "填写申请人姓名"), ("kinship", "填写与会员的关系"))
            if not known.get(key)
        ]
        if claim.payee_id is None:
            found.append(Missing("payee", "登记受益人的收款账户"))
    held = set(CoverPaper.objects.everywhere(reason=WHY).filter(claim=claim).values_list("code", flat=True))
    found += [
        Missing(f"paper.{paper.code}", f"上传{paper.label}")
        for paper in papers_of(claim)
        if paper.required and paper.code not in held
    ]
    return found


def inputs_of(claim: CoverClaim) -> dict[str, Any]:
    """What the rule is asked."""
    known, period = particulars_of(claim), claim.enrolment.period
    submitted = claim.submitted_at or timezone.now()
    return {
        "peril": claim.peril,
        "event_on": claim.event_on,
        "claimed_on": timezone.localdate(submitted),
        "covered_from": period.lower or claim.event_on,
        "covered_until": period.upper,
        "grade": known.get("grade", ""),
        "disease": known.get("disease", ""),
        "tier": claim.enrolment.tier,
        "loss": Decimal(known["loss"]) if known.get("loss") else None,
        "treated_until": _day(known, "treated_until"),
        "assessed_on": _day(known, "assessed_on"),
        "paid": paid_on_others(claim),
    } | _former(claim)


def _former(claim: CoverClaim) -> dict[str, Any]:
    """Until when the cover before lasted; left out where there was none."""
    begun = claim.enrolment.period.lower
    rows = CoverEnrolment.objects.everywhere(reason=WHY).filter(
        person=claim.person_id, programme=claim.programme, period__endswith__lte=begun
    )
    last = rows.exclude(pk=claim.enrolment_id).order_by("-period").first() if begun else None
    return {"former_until": last.period.upper} if last is not None else {}


def assessed(claim: CoverClaim) -> Outcome:
    """What the scheme would give on the claim as it stands; nothing is decided by asking."""
    return rule_of(f"{claim.programme}.assess").decide(version_of(claim).parameters, inputs_of(claim))


@transaction.atomic
def submit(actor: Actor, *, claim: CoverClaim, consent: bool) -> CoverClaim:
    """Hand a complete claim in. Health data ask for the person's separate consent (PIPL art. 29)."""
    fresh = _editable(actor, claim)
    if not fresh.is_draft:
        raise Refused("已经提交过。补正后请点“重新提交”。")
    if left := missing(fresh):
        raise Refused("还不能提交：" + "；".join(one.text for one in left) + "。")
    own = _is_own(actor, fresh.person)
    if peril_of(fresh).health:
        if not consent:
            raise Refused("请勾选单独同意，工会才能处理健康信息。", "consent")
        if own:
            consents.give(actor, person=fresh.person, purpose=CONSENT)
        fresh.consented_at = timezone.now()
    found = assessed(fresh)
    if found.outcome == "refused":
        raise Refused(f"按方案不能给付：{found.reasons[0]}。请核对填写的内容；有疑问请拨打工会电话 12351。")
    version, places = version_of(fresh), dict(places_of(fresh.organisation))
    fresh.submitted_at = timezone.now()
    fresh.review = reviewing.submit(
        actor,
        procedure=PROCEDURE,
        title=f"{version.title}：{fresh.person.masked_name}",
        organisation=fresh.organisation,
        steps=reviewing.plan(version.parameters.steps, places, besides=fresh.person.account_id),
        scheme=version,
        concerns=fresh.person.account_id,
    )
    fresh.stage = Stage.REVIEWING
    fresh.save(update_fields=["consented_at", "submitted_at", "review", "stage"])
    _note(actor, "benefits.cover_claim_submitted", fresh, detail={"programme": fresh.programme, "own": own})
    return fresh


@transaction.atomic
def resubmit(actor: Actor, *, claim: CoverClaim, note: str = "") -> CoverClaim:
    """After a return for completion: the clock goes on."""
    fresh = _editable(actor, claim)
    if fresh.review is None or fresh.review.state != Review.State.RETURNED:
        raise Refused("这个申请没有要求补正。")
    if left := missing(fresh):
        raise Refused("还缺：" + "；".join(one.text for one in left) + "。")
    reviewing.supplement(actor, review=fresh.review, note=note or "已按要求补正")
    return fresh


def _note(actor: Actor, action: str, claim: CoverClaim, *, detail: dict[str, Any] | None = None) -> None:
    journal(
        actor, action, subject=claim, label=f"理赔 {claim.pk}", paths=claim.organisation.paths, detail=detail
    )
