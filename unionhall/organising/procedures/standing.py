"""会籍变动 under review: the evidence as the committee reads it, and the effect of its decision."""

from datetime import date

from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.codes import EMPLOYMENT_STATUS
from unionhall.members import rules
from unionhall.members.actions import end, resume, retain
from unionhall.members.models import Membership
from unionhall.records.actions import notify
from unionhall.reviews.models import Review, ReviewStep
from unionhall.reviews.procedures import Procedure, register

from ..actions.standing import DAYS, PROCEDURE
from ..authority import by_decision
from ..models import StandingChange

Change = StandingChange.Change
_EXITS = {
    Change.WITHDRAWAL: Membership.Exit.WITHDRAWAL,
    Change.DEEMED: Membership.Exit.DEEMED,
    Change.EXPULSION: Membership.Exit.EXPULSION,
}


def change_of(review: Review) -> StandingChange:
    rows = StandingChange.objects.everywhere(
        reason="the matter of a review that the caller has loaded under scope"
    )
    return rows.select_related("person", "membership", "organisation").get(review=review)


def facts(review: Review) -> list[tuple[str, str]]:
    """Who, which change, why, and the evidence by its labels."""
    matter = change_of(review)
    person = matter.person
    found = [
        ("会员", person.name),
        ("会员号", person.member_number or "—"),
        ("手机号", person.masked_phone),
        ("所在工会", matter.organisation.name),
        ("入会日期", f"{matter.membership.joined_on:%Y-%m-%d}"),
        ("变动", matter.get_change_display()),
        ("原因", matter.reason),
    ]
    found += [(label, matter.evidence[name]) for name, label in DAYS.items() if matter.evidence.get(name)]
    if status := matter.evidence.get("employment_status"):
        found.append(("就业状况", EMPLOYMENT_STATUS.label(status)))
    if matter.evidence.get("employer_bankrupt"):
        found.append(("单位情况", "破产、关闭"))
    if matter.evidence.get("own_request"):
        found.append(("提出人", "本人"))
    return found


def may_approve(actor: Actor, review: Review) -> None:
    if change_of(review).membership.period.upper is not None:
        raise Refused("会籍在办理期间已经变动，不能再通过。请不予通过，并按现在的会籍重新提出。")


def _stages(review: Review, matter: StandingChange) -> rules.ExpulsionFacts:
    """Group discussion from the evidence; the committee's decision and the filing from the steps of the review."""
    rows = ReviewStep.objects.everywhere(reason="the steps of a review that the caller has loaded")
    steps = list(rows.filter(review=review, outcome=ReviewStep.Outcome.APPROVED).order_by("order"))
    days = [timezone.localdate(step.decided_at) for step in steps if step.decided_at]
    text = matter.evidence.get("group_discussed_on")
    return rules.ExpulsionFacts(
        date.fromisoformat(text) if text else None,
        days[0] if days else None,
        days[1] if len(days) > 1 else None,
    )


def on_approved(actor: Actor, review: Review) -> None:
    """The change takes effect today; members.actions tells the worker and revokes the card where it ends."""
    matter = change_of(review)
    today, decided = timezone.localdate(), by_decision(actor)
    membership, reason = matter.membership, matter.reason
    if matter.change == Change.RETENTION:
        retain(decided, membership=membership, on=today, reason=reason)
    elif matter.change == Change.RESUMPTION:
        resume(decided, membership=membership, on=today, reason=reason)
    else:
        if matter.change == Change.EXPULSION:
            stages = rules.may_be_expelled(_stages(review, matter), today)
            if not stages.allowed:
                raise Refused(f"除名程序不完整：{stages.objection}")
        end(decided, membership=membership, on=today, exit=_EXITS[Change(matter.change)], reason=reason)


def on_refused(actor: Actor, review: Review) -> None:
    matter = change_of(review)
    notify(
        matter.person.account_id,
        f"“{matter.get_change_display()}”未通过",
        "会籍没有变化。",
        f"/m/applications/{review.number}/",
        matter.organisation.path,
    )


def about(review: Review) -> int | None:
    rows = StandingChange.objects.everywhere(reason="whom a matter is about, to keep him from deciding it")
    return rows.filter(review=review).values_list("person_id", flat=True).first()


register(
    Procedure(
        code=PROCEDURE,
        title="会籍变动",
        prefix="HB",
        on_approved=on_approved,
        on_refused=on_refused,
        facts=facts,
        names=frozenset({"会员"}),
        may_approve=may_approve,
        about=about,
    )
)
