"""会籍变动: retention, resumption, withdrawal, deemed withdrawal, expulsion — proposed with their evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.members import rules
from unionhall.members.models import Employment, Membership, Person
from unionhall.organisations.tree import keep_still
from unionhall.records.actions import journal, notify
from unionhall.reviews.actions import plan, submit

from ..models import StandingChange
from ..schemes import StandingScheme
from .transfers import is_own, require_nothing_open, require_phone

PROCEDURE = "standing"
Change = StandingChange.Change
#: What a worker may ask for; the others are the committee's to propose.
OWN_CHANGES = frozenset({Change.RETENTION, Change.RESUMPTION, Change.WITHDRAWAL})
#: Evidence that is a day, by its label.
DAYS = {
    "requested_on": "本人书面申请日期",
    "dues_paid_until": "会费缴至",
    "last_took_part_on": "最近一次参加组织生活",
    "educated_on": "教育提醒日期",
    "group_discussed_on": "工会小组讨论日期",
}


def employment_status(person: Person) -> str:
    """The registered employment status; "1" (at work) when none is registered."""
    rows = Employment.objects.everywhere(reason="a fact of a person whose membership the caller has loaded")
    found = rows.filter(person=person, period__upper_inf=True).values_list("status", flat=True).first()
    return found or "1"


def decide(
    change: str,
    membership: Membership,
    evidence: Mapping[str, Any],
    scheme: StandingScheme,
    own: bool,
    today: date,
) -> rules.Decision:
    """Whether a change may be proposed on this evidence, with every reason; pure but for the employment status."""
    if change == Change.RETENTION:
        status = evidence.get("employment_status") or "1"
        return rules.may_be_retained(status, employer_bankrupt=bool(evidence.get("employer_bankrupt")))
    if change == Change.RESUMPTION:
        return rules.may_resume(evidence.get("employment_status") or "1")
    if change == Change.WITHDRAWAL:
        asked = own or evidence.get("requested_on") is not None
        text = (
            "本人申请退会" if asked else "退会须由本人提出。请填写本人书面申请的日期，或请本人在手机端申请。"
        )
        return rules.Decision.of(rules.Reason(asked, text, "《中国工会章程》第六条"))
    if change == Change.DEEMED:
        facts = rules.SilenceFacts(
            _day(evidence, "dues_paid_until"),
            _day(evidence, "last_took_part_on"),
            _day(evidence, "educated_on"),
            joined_on=membership.joined_on,
        )
        return rules.deemed_withdrawn(facts, today, scheme.deemed_withdrawal_months)
    discussed = _day(evidence, "group_discussed_on")
    found = rules.may_be_expelled(rules.ExpulsionFacts(discussed, today, today), today)
    # The committee's decision and the filing upward are the steps of the review that starts now.
    return rules.Decision.of(found.reasons[0])


def _day(evidence: Mapping[str, Any], name: str) -> date | None:
    value = evidence.get(name)
    return date.fromisoformat(value) if isinstance(value, str) and value else value or None


@transaction.atomic
def propose(
    actor: Actor,
    *,
    membership: Membership,
    change: str,
    reason: str,
    evidence: Mapping[str, Any] | None = None,
) -> StandingChange:
    """Propose a change; the scheme "standing" says who decides. Raises Refused when the evidence does not carry it.

    `evidence` holds days (ISO text or date, see DAYS), `employer_bankrupt`, and notes; the employment status is
    read from the register. The actor holds `organising.standing` where the member stands, or is the member.
    """
    change = Change(change)
    # Whoever carries the membership to another union holds the tree: what is read below stands until the end.
    keep_still()
    Person.objects.everywhere(reason="the member concerned").select_for_update().get(pk=membership.person_id)
    rows = Membership.objects.everywhere(reason="the membership concerned; permission is asked below")
    membership = rows.select_related("person", "organisation").get(pk=membership.pk)
    person, union = membership.person, membership.organisation
    own = is_own(actor, person)
    require_phone(actor, person)
    if not own or change not in OWN_CHANGES:
        actor.require("organising.standing", *union.paths)
        if own:
            raise Refused("不能对本人提出视为退会或除名，请由其他工会干部办理。")
    _fits(membership, change)
    if len(reason.strip()) < 2:
        raise Refused("请填写原因。", field="reason")
    require_nothing_open(person)
    found = {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in (evidence or {}).items()
    }
    found = {name: value for name, value in found.items() if value not in (None, "", False)}
    if change in {Change.RETENTION, Change.RESUMPTION}:
        found["employment_status"] = employment_status(person)
    if own:
        found["own_request"] = True
    today = timezone.localdate()
    _not_future(found, today)
    version = rulebook.scheme(StandingScheme, on=today, division=union.division)
    decision = decide(change, membership, found, version.parameters, own, today)
    if not decision.allowed:
        raise Refused(decision.objection)
    steps = version.parameters.expulsion_steps if change == Change.EXPULSION else version.parameters.steps
    places = {"union": union, "superior": union.parent}
    review = submit(
        actor,
        procedure=PROCEDURE,
        title=f"{change.label}：{person.masked_name}",
        organisation=union,
        steps=plan(steps, places, besides=actor.account_id),
        scheme=version,
        concerns=person.account_id,
    )
    proposed = StandingChange.objects.create(
        person=person,
        membership=membership,
        organisation=union,
        change=change,
        reason=hide_numbers(reason.strip())[:300],
        evidence=found,
        review=review,
    )
    journal(
        actor, "organising.propose_standing", subject=person, label=review.number, paths=union.paths,
        detail={"change": str(change), "own": own},
    )  # fmt: skip
    if not own:
        notify(
            person.account_id,
            f"工会提出了“{change.label}”",
            "如有不同意见，请在审核期间向所在工会或上一级工会反映。",
            f"/m/applications/{review.number}/",
            union.path,
        )
    return proposed


def _fits(membership: Membership, change: StandingChange.Change) -> None:
    if not membership.is_current:
        raise Refused("这条会籍已经结束，请刷新后查看现在的会籍。")
    retained = membership.standing == Membership.Standing.RETAINED
    if change == Change.RETENTION and retained:
        raise Refused("会籍已经是保留状态。")
    if change == Change.RESUMPTION and not retained:
        raise Refused("会籍是在册状态，不需要恢复。")
    if change == Change.DEEMED and retained:
        raise Refused("保留会籍期间免缴会费，不能按未缴会费视为退会（《中国工会章程》第八条）。")


def _not_future(evidence: Mapping[str, Any], today: date) -> None:
    for name, label in DAYS.items():
        day = _day(evidence, name)
        if day is not None and day > today:
            raise Refused(f"{label}不能晚于今天。", field=name)
