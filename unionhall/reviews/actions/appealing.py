"""An appeal: a refusal goes to the next level, to people who have not decided before."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.members.hands import hands_of
from unionhall.organisations.models import Organisation
from unionhall.records.actions import notify

from ..addresses import desk_page
from ..models import Review, ReviewEvent, ReviewStep
from ..planning import decider_accounts, nearest
from .locking import Verb, lock, note, open_step, rules_of, words
from .submitting import require_submitter

_WHY = "a verb on a matter checks who acts by itself, after locking it"


def appeal_until(review: Review) -> date | None:
    """The last day on which the refusal may be appealed; None where it may not (any more)."""
    if review.state != Review.State.REFUSED or review.appealed_at is not None or review.decided_at is None:
        return None
    terms = rules_of(review).appealable(review)
    if terms is None:
        return None
    return working_calendar().add_working_days(timezone.localdate(review.decided_at), terms.within)


@transaction.atomic
def appeal(actor: Actor, *, review: Review, reason: str, at: datetime | None = None) -> Review:
    """Ask the next level to decide anew, once and in time. Upheld, the steps that the refusal left out follow."""
    fresh = lock(review.pk)
    require_submitter(actor, fresh)
    terms = rules_of(fresh).appealable(fresh)
    if terms is None:
        raise Refused("这类办件没有复核程序。有意见可以拨打 12351。")
    if fresh.appealed_at is not None:
        raise Refused("这个办件已经复核过一次，复核结论是最终结论。")
    until = appeal_until(fresh)
    if until is None:
        raise Refused(f"只有未通过的办件可以申请复核，这个办件{fresh.get_state_display()}。")
    now = at or timezone.now()
    if timezone.localdate(now) > until:
        raise Refused(f"申请复核的期限是 {terms.within} 个工作日，到 {until:%Y-%m-%d} 已经截止。")
    reason = words(reason, "reason", "请写明申请复核的理由。")
    steps = ReviewStep.objects.everywhere(reason=_WHY).filter(review=fresh).select_related("organisation")
    refused = steps.filter(outcome=ReviewStep.Outcome.REFUSED).order_by("-order")[0]
    kept_out = kept_from_appeal(fresh)
    where, role = nearest(terms.place or _above(refused.organisation), terms.roles, others_than=kept_out)
    # One at a time from the last: the order of steps is unique, row by row.
    for step in steps.filter(order__gt=refused.order).order_by("-order"):
        steps.filter(pk=step.pk).update(order=F("order") + 1)
    added = ReviewStep.objects.create(
        review=fresh,
        order=refused.order + 1,
        name=terms.name,
        organisation=where,
        role=role,
        working_days=terms.working_days,
        is_appeal=True,
    )
    open_step(added, now)
    fresh.state, fresh.decided_at, fresh.appealed_at = Review.State.PENDING, None, now
    fresh.save(update_fields=["state", "decided_at", "appealed_at"])
    note(actor, fresh, Verb.APPEALED, now, step=added, opinion=reason)
    if (hook := rules_of(fresh).on_appealed) is not None:
        hook(actor, fresh)
    for account_id in decider_accounts(where.pk, role):
        if account_id in kept_out:
            continue
        notify(
            account_id,
            "申请复核",
            f"“{fresh.title}”（{fresh.number}）请办理。",
            desk_page(fresh),
            path=where.path,
        )
    return fresh


def _above(organisation: Organisation) -> Organisation:
    if organisation.parent is None:
        raise Refused("作出决定的已经是最上级工会，没有上级可以复核。有意见可以拨打 12351。")
    return organisation.parent


def earlier_deciders(review: Review) -> list[int]:
    """Accounts that passed or refused a step of it before the appeal."""
    rows = ReviewEvent.objects.everywhere(reason=_WHY).filter(review=review, step__is_appeal=False)
    found = rows.filter(verb__in=[Verb.APPROVED, Verb.REFUSED]).values_list("actor_id", flat=True).distinct()
    return [account for account in found if account is not None]


def kept_from_appeal(review: Review) -> set[int]:
    """All accounts of those who may not decide its appeal: who decided before, who submitted it, whom it concerns."""
    people = {*earlier_deciders(review), review.submitted_by_id, review.concerns_id}
    return {account for one in people for account in hands_of(one).accounts}
