"""Taking hold of a review: one row is locked first by every verb, so two deciders at once cannot decide twice."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.kit.masking import hide_numbers
from unionhall.records.actions import journal, notify
from unionhall.records.models import Attachment

from ..models import Review, ReviewEvent, ReviewStep
from ..procedures import Procedure, ReturnItem, procedure
from ..rules import due_date

Verb = ReviewEvent.Verb
_WHY = "a verb on a matter checks who acts by itself, after locking it"


def lock(review_id: int) -> Review:
    """The review as it is now, locked until the transaction ends."""
    rows = Review.objects.everywhere(reason=_WHY).select_for_update(of=("self",))
    return rows.select_related("organisation").get(pk=review_id)


def lock_step(step: ReviewStep) -> tuple[Review, ReviewStep]:
    """The step and its review as they are now; Refused, naming who was faster, unless the step waits for a decision."""
    review = lock(step.review_id)
    rows = ReviewStep.objects.everywhere(reason=_WHY).select_related("organisation")
    fresh = rows.get(pk=step.pk)
    fresh.review = review
    if review.state == Review.State.RETURNED and fresh.is_current:
        raise Refused("办件已退回补正，等提交人补正后才能继续办理。")
    if not fresh.is_current or fresh.outcome or review.state != Review.State.PENDING:
        raise Refused(_already(review, fresh))
    return review, fresh


def _already(review: Review, step: ReviewStep) -> str:
    last = ReviewEvent.objects.everywhere(reason=_WHY).filter(review=review).exclude(verb=Verb.URGED).last()
    if last is None:
        return "这个环节已经办理完毕，请刷新页面查看最新状态。"
    at = timezone.localtime(last.at)
    return (
        f"这个环节已由{last.actor_name}于 {at:%Y-%m-%d %H:%M} 办理（{last.get_verb_display()}），"
        "本次操作没有生效。请刷新页面查看最新状态。"
    )


def lock_open(review: Review) -> Review:
    """The review, locked; Refused when it is already decided or withdrawn."""
    fresh = lock(review.pk)
    if not fresh.is_open:
        raise Refused(f"办件{fresh.number}{fresh.get_state_display()}，不能再操作。请刷新页面查看最新状态。")
    return fresh


def current_step(review: Review) -> ReviewStep:
    rows = ReviewStep.objects.everywhere(reason=_WHY).select_related("organisation")
    return rows.get(review=review, is_current=True)


def open_step(step: ReviewStep, now: datetime) -> None:
    """Start the clock of a step."""
    today = timezone.localdate(now)
    step.is_current, step.opened_on = True, today
    step.due_on = due_date(today, step.working_days, working_calendar())
    step.save(update_fields=["is_current", "opened_on", "due_on"])


def note(
    actor: Actor,
    review: Review,
    verb: ReviewEvent.Verb,
    now: datetime,
    *,
    step: ReviewStep | None = None,
    opinion: str = "",
    attachment: Attachment | None = None,
    acted_for: str = "",
    items: Sequence[ReturnItem] = (),
    reason: str = "",
) -> None:
    """One line in the trail and one in the journal. The journal's copy holds the opinion as its reason."""
    where = step.organisation if step is not None else review.organisation
    ReviewEvent.objects.create(
        review=review,
        step=step,
        verb=verb,
        actor_id=actor.account_id,
        actor_name=actor.name,
        acted_for=acted_for[:80],
        opinion=hide_numbers(opinion),
        items=[{"code": one.code, "text": one.text} for one in items],
        reason=hide_numbers(reason),
        at=now,
        path=where.path,
        attachment=attachment,
    )
    journal(
        actor,
        f"reviews.{verb.value}",
        subject=review,
        label=review.number,
        paths=where.paths,
        reason="；".join(filter(None, (opinion, reason))),
        detail={
            "procedure": review.procedure,
            "step": step.order if step is not None else None,
            **({"delegated": True} if acted_for else {}),
            **({"items": [one.code for one in items]} if items else {}),
        },
    )


def tell_submitter(review: Review, title: str, body: str = "") -> None:
    """A message to the submitter and, if someone else, to the person concerned."""
    url = rules_of(review).url_for_submitter(review)
    for account_id in dict.fromkeys((review.submitted_by_id, review.concerns_id)):
        notify(account_id, title, body, url, path=review.organisation.path)


def rules_of(review: Review) -> Procedure:
    return procedure(review.procedure)


def words(text: str, field: str, missing: str, limit: int = 500) -> str:
    """A required text, trimmed; Refused with `missing` when empty."""
    text = text.strip()
    if not text:
        raise Refused(missing, field=field)
    if len(text) > limit:
        raise Refused(f"不超过 {limit} 个字，现有 {len(text)} 个字。", field=field)
    return text
