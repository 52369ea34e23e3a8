"""What deciders and their superiors do: approve, refuse, return for completion, hand over, urge."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from unionhall.access.models import Grant
from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role
from unionhall.organisations.models import Organisation
from unionhall.records.actions import notify

from ..addresses import desk_page
from ..models import Review, ReviewStep
from ..planning import deciders, decides
from ..procedures import conflicted
from .locking import Verb, lock_step, note, open_step, rules_of, tell_submitter, words

Outcome = ReviewStep.Outcome


def require_decider(actor: Actor, review: Review, step: ReviewStep) -> None:
    """The actor decides this step: permission, the step's role exactly at the step's union, not his own matter."""
    actor.require("reviews.decide", *step.organisation.paths)
    if not decides(actor.account_id, step.organisation_id, step.role):
        raise Refused(
            f"这个环节由{step.organisation.name}的{Role(step.role).label}办理，您没有这个工会的这一角色。"
        )
    if conflicted(actor, review):
        raise Refused("不能审核自己提交或者涉及本人的办件，请由其他审核人办理，或移交上级工会。")


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
    require_decider(actor, review, step)
    procedure = rules_of(review)
    procedure.may_approve(actor, review)
    now = at or timezone.now()
    _decided(step, Outcome.APPROVED, now)
    note(actor, review, Verb.APPROVED, now, step=step, opinion=opinion.strip()[:500])
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
    require_decider(actor, review, step)
    opinion = words(opinion, "opinion", "不通过时请写明理由，提交人会看到。")
    now = at or timezone.now()
    _decided(step, Outcome.REFUSED, now)
    _close(review, Review.State.REFUSED, now)
    note(actor, review, Verb.REFUSED, now, step=step, opinion=opinion)
    procedure = rules_of(review)
    procedure.on_refused(actor, review)
    tell_submitter(
        review, f"{procedure.title}未通过", f"“{review.title}”（{review.number}）未通过。理由：{opinion}"
    )
    return review


@transaction.atomic
def return_for_completion(
    actor: Actor, *, step: ReviewStep, opinion: str, at: datetime | None = None
) -> Review:
    """Send it back to be completed, saying what is missing. The clock of the step pauses."""
    review, step = lock_step(step)
    require_decider(actor, review, step)
    opinion = words(opinion, "opinion", "退回补正时请写明要补什么，提交人会看到。")
    now = at or timezone.now()
    step.paused_on = timezone.localdate(now)
    step.save(update_fields=["paused_on"])
    review.state = Review.State.RETURNED
    review.save(update_fields=["state"])
    note(actor, review, Verb.RETURNED, now, step=step, opinion=opinion)
    procedure = rules_of(review)
    if procedure.on_returned is not None:
        procedure.on_returned(actor, review)
    tell_submitter(
        review, f"{procedure.title}需要补正", f"“{review.title}”（{review.number}）请补正：{opinion}"
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
    """Give the step to another union, where someone holds its role. The due date stays: the worker waits no longer."""
    review, step = lock_step(step)
    actor.require("reviews.decide", *step.organisation.paths)
    if not decides(actor.account_id, step.organisation_id, step.role):
        raise Refused(f"这个环节由{step.organisation.name}的{Role(step.role).label}办理，您不能移交。")
    opinion = words(opinion, "opinion", "移交时请写明原因。")
    if organisation.pk == step.organisation_id:
        raise Refused("办件已经在这个工会，请选择别的工会。", field="destination")
    receivers = list(deciders(organisation.pk, step.role).values_list("account_id", flat=True))
    if not receivers:
        raise Refused(
            f"{organisation.name}没有人担任“{Role(step.role).label}”，请选择别的工会。", field="destination"
        )
    now = at or timezone.now()
    former = step.organisation
    note(actor, review, Verb.TRANSFERRED, now, step=step, opinion=f"移交{organisation.name}：{opinion}"[:500])
    step.organisation = organisation
    step.save(update_fields=["organisation"])
    for account_id in receivers:
        notify(
            account_id,
            f"{former.name}移交办件",
            f"“{review.title}”（{review.number}）请办理。",
            desk_page(review),
            path=former.path,
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
    for account_id in deciders(step.organisation_id, step.role).values_list("account_id", flat=True):
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
    """Unions a step may be handed to: where its role is held, above, beside, or the union the matter came from."""
    held = Grant.objects.everywhere(reason="where the role of the step is held")
    held = held.in_force(timezone.localdate()).filter(role=step.role)
    near = Organisation.objects.everywhere(reason="unions near the step's, to hand it over to")
    here = step.organisation
    near = near.active().exclude(pk=here.pk).filter(pk__in=held.values("organisation_id"))
    above = near.filter(path__in=here.ancestor_paths())
    beside = near.filter(parent_id=here.parent_id) if here.parent_id else near.none()
    origin = near.filter(pk=step.review.organisation_id)
    return list((above | beside | origin).order_by("path")[:100])
