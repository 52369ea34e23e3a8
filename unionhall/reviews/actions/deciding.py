"""What deciders and their superiors do: approve, refuse, hand over, urge."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from unionhall.access.models import Grant
from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role
from unionhall.members.hands import hands, hands_of
from unionhall.organisations.models import Organisation
from unionhall.records.actions import notify

from ..addresses import desk_page
from ..models import Review, ReviewStep
from ..planning import authority, decider_accounts, deciders, decides
from ..procedures import conflicted, touches
from .appealing import appeal_until, earlier_deciders, kept_from_appeal
from .locking import Verb, lock_step, note, open_step, rules_of, tell_submitter, words

Outcome = ReviewStep.Outcome


def require_decider(actor: Actor, review: Review, step: ReviewStep) -> str:
    """The actor decides this step: permission, its role exactly at its union, not his own or his household's matter.

    Answers in whose place he acts, "" for himself. What the lender may not decide is not lent either; an appeal is
    decided by nobody who decided before.
    """
    actor.require("reviews.decide", *step.organisation.paths)
    found = authority(actor.account_id, step.organisation_id, step.role)
    if found is None:
        raise Refused(
            f"这个环节由{step.organisation.name}的{Role(step.role).label}办理，您没有这个工会的这一角色。"
        )
    if conflicted(actor, review):
        raise Refused(
            "不能审核自己提交、涉及本人或者涉及家庭成员的办件，请由其他审核人办理，或移交上级工会。"
        )
    before = earlier_deciders(review) if review.appealed_at is not None and step.is_appeal else []
    if hands(actor.access).touch(*before):
        raise Refused("申请复核的办件由原来没有审核过的人办理，请由其他审核人办理，或移交。")
    if found.own:
        return ""
    for loan in found.loans:
        lender = hands_of(loan.grant.account_id)
        if not touches(lender, review) and not lender.touch(*before):
            return str(loan.grant.account.display_name)
    raise Refused("这个办件涉及委托人本人或他的家庭成员，不能由他委托的人办理，请移交。")


def _decided(step: ReviewStep, outcome: ReviewStep.Outcome, now: datetime) -> None:
    step.outcome, step.decided_at, step.is_current = outcome, now, False
    step.save(update_fields=["outcome", "decided_at", "is_current"])


def _close(review: Review, state: Review.State, now: datetime) -> None:
    review.state, review.decided_at = state, now
    review.save(update_fields=["state", "decided_at"])


@transaction.atomic
def approve(actor: Actor, *, step: ReviewStep, opinion: str = "", at: datetime | None = None) -> Review:
    """Pass a step. The last step's approval decides the matter; the domain's hook runs in the same transaction."""
    review, step = lock_step(step)
    acted_for = require_decider(actor, review, step)
    procedure = rules_of(review)
    procedure.may_approve(actor, review)
    now = at or timezone.now()
    _decided(step, Outcome.APPROVED, now)
    opinion = opinion.strip()[:500]
    note(actor, review, Verb.APPROVED, now, step=step, opinion=opinion, acted_for=acted_for)
    rest = ReviewStep.objects.everywhere(reason="the next step of a locked review")
    following = rest.filter(review=review, order__gt=step.order).order_by("order").first()
    if following is not None:
        open_step(following, now)
        return review
    _close(review, Review.State.APPROVED, now)
    procedure.on_approved(actor, review)
    tell_submitter(review, f"{procedure.title}已通过", f"“{review.title}”（{review.number}）已审核通过。")
    return review


@transaction.atomic
def refuse(actor: Actor, *, step: ReviewStep, opinion: str, at: datetime | None = None) -> Review:
    """Say no, with the reason that the submitter will read."""
    review, step = lock_step(step)
    acted_for = require_decider(actor, review, step)
    opinion = words(opinion, "opinion", "不通过时请写明理由，提交人会看到。")
    now = at or timezone.now()
    _decided(step, Outcome.REFUSED, now)
    _close(review, Review.State.REFUSED, now)
    note(actor, review, Verb.REFUSED, now, step=step, opinion=opinion, acted_for=acted_for)
    procedure = rules_of(review)
    procedure.on_refused(actor, review)
    last = appeal_until(review)
    more = f"不服的，可以在 {last:%Y-%m-%d} 前申请上级复核。" if last is not None else ""
    tell_submitter(
        review,
        f"{procedure.title}未通过",
        f"“{review.title}”（{review.number}）未通过。理由：{opinion}{more}",
    )
    return review


@transaction.atomic
def hand_over(
    actor: Actor,
    *,
    step: ReviewStep,
    organisation: Organisation,
    opinion: str,
    at: datetime | None = None,
) -> Review:
    """Give the step to another union, where someone holds its role. The due date stays: the worker waits no longer.

    An appeal goes upward only, and to people who have not decided before and whose own matter it is not.
    """
    review, step = lock_step(step)
    actor.require("reviews.decide", *step.organisation.paths)
    if not decides(actor.account_id, step.organisation_id, step.role):
        raise Refused(f"这个环节由{step.organisation.name}的{Role(step.role).label}办理，您不能移交。")
    opinion = words(opinion, "opinion", "移交时请写明原因。")
    if organisation.pk == step.organisation_id:
        raise Refused("办件已经在这个工会，请选择别的工会。", field="destination")
    if step.is_appeal and organisation.path not in step.organisation.ancestor_paths():
        raise Refused("申请复核的办件只能移交给上级工会。", field="destination")
    receivers = decider_accounts(organisation.pk, step.role)
    if not receivers:
        raise Refused(
            f"{organisation.name}没有人担任“{Role(step.role).label}”，请选择别的工会。", field="destination"
        )
    kept_out = kept_from_appeal(review) if step.is_appeal else set()
    if not deciders(organisation.pk, step.role).exclude(account__in=kept_out).exists():
        raise Refused(
            f"申请复核的办件由原来没有审核过、也不是当事人的人办理，{organisation.name}没有这样的审核人，请选择别的上级工会。",
            field="destination",
        )
    now = at or timezone.now()
    giver = step.organisation
    note(actor, review, Verb.TRANSFERRED, now, step=step, opinion=f"移交{organisation.name}：{opinion}"[:500])
    step.organisation = organisation
    step.save(update_fields=["organisation"])
    for account_id in receivers:
        if account_id in kept_out:
            continue
        notify(
            account_id,
            f"{giver.name}移交办件",
            f"“{review.title}”（{review.number}）请办理。",
            desk_page(review),
            path=giver.path,
        )
    return review


@transaction.atomic
def urge(actor: Actor, *, step: ReviewStep, opinion: str, at: datetime | None = None) -> Review:
    """A superior presses for a decision: a line in the trail and a message to those who decide the step."""
    review, step = lock_step(step)
    if not _is_superior(actor, step):
        raise NotAllowed("reviews.urge")
    opinion = words(opinion, "opinion", "请写明督办要求。")
    now = at or timezone.now()
    note(actor, review, Verb.URGED, now, step=step, opinion=opinion)
    for account_id in decider_accounts(step.organisation_id, step.role):
        notify(
            account_id,
            "上级督办",
            f"“{review.title}”（{review.number}）：{opinion}",
            desk_page(review),
            path=step.organisation.path,
        )
    return review


def _is_superior(actor: Actor, step: ReviewStep) -> bool:
    """Holds reviews.urge from above the step's union, not merely at it."""
    return any(
        path.startswith(prefix) and path != prefix
        for prefix in actor.access.prefixes("reviews.urge")
        for path in step.organisation.paths
    )


def destinations(step: ReviewStep) -> list[Organisation]:
    """Unions a step may be handed to: where its role is held, above, beside, or the union the matter came from.

    An appeal: above only, and where somebody holds the role who may decide it.
    """
    held = Grant.objects.everywhere(reason="where the role of the step is held")
    held = held.in_force(timezone.localdate()).filter(role=step.role)
    if step.is_appeal:
        held = held.exclude(account__in=kept_from_appeal(step.review))
    near = Organisation.objects.everywhere(reason="unions near the step's, to hand it over to")
    here = step.organisation
    near = near.active().exclude(pk=here.pk).filter(pk__in=held.values("organisation_id"))
    above = near.filter(path__in=here.ancestor_paths())
    if step.is_appeal:
        return list(above.order_by("path"))
    beside = near.filter(parent_id=here.parent_id) if here.parent_id else near.none()
    origin = near.filter(pk=step.review.organisation_id)
    return list((above | beside | origin).order_by("path")[:100])
