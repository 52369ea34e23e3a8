"""What the submitter does: submit, complete after a return, withdraw."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from unionhall.access.models import Account, Grant
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal
from unionhall.records.models import Attachment
from unionhall.rulebook.actions import record_use
from unionhall.rulebook.versions import Version

from ..models import Review, ReviewEvent, ReviewStep
from ..numbers import next_number
from ..planning import StepPlan
from ..procedures import procedure as procedure_of
from ..rules import resumed_due_date
from .locking import Verb, current_step, lock_open, open_step, rules_of, words
from .locking import note as write

#: How long ago a paper may have been handed in that is entered now.
PAPERS_WAIT = timedelta(days=60)


@transaction.atomic
def submit(
    actor: Actor,
    *,
    procedure: str,
    title: str,
    organisation: Organisation,
    steps: Sequence[StepPlan],
    scheme: Version[Any] | None = None,
    concerns: int | None = None,
    at: datetime | None = None,
) -> Review:
    """Put a matter under review and start the clock of its first step.

    Whether the actor may submit it is the domain's question, asked before. `concerns` is the account of the
    person the matter is about, where that is someone else than the actor; `at` the moment (default: now).
    """
    rules = procedure_of(procedure)
    if not steps:
        raise ValueError("a review has at least one step")
    now = at or timezone.now()
    if scheme is not None:
        record_use(scheme)
    review = Review.objects.create(
        number=next_number(rules.prefix, timezone.localdate(now)),
        procedure=procedure,
        title=title[:120],
        organisation=organisation,
        submitted_by_id=actor.account_id,
        submitted_by=actor.name,
        concerns_id=concerns,
        submitted_at=now,
        scheme=scheme.programme if scheme is not None else "",
        scheme_digest=scheme.digest if scheme is not None else "",
    )
    rows = ReviewStep.objects.bulk_create(
        ReviewStep(
            review=review,
            order=order,
            name=plan.name,
            organisation=plan.organisation,
            role=plan.role,
            working_days=plan.working_days,
        )
        for order, plan in enumerate(steps, start=1)
    )
    open_step(rows[0], now)
    write(actor, review, Verb.SUBMITTED, now)
    return review


def require_submitter(actor: Actor, review: Review) -> None:
    """The submitter and the person concerned carry the matter; nobody else does.

    What was submitted in office is carried only in office: whose grant there has ended leaves it to the deciders.
    """
    rules = rules_of(review)
    if rules.is_own(actor, review):
        return
    if actor.stands_for is not None and actor.stands_for == rules.about(review):
        return
    if actor.account_id is None or actor.account_id != review.submitted_by_id:
        raise Refused("只有提交人或当事人本人可以操作这个办件。")
    if in_office(actor.account_id, review) and not actor.access.prefixes("access.desk"):
        raise Refused("您当时以工会干部身份提交，现在已没有授权，不能再补正或撤回。请联系受理工会。")


def in_office(account_id: int, review: Review) -> bool:
    """Whether the matter was submitted by a desk account, or by one that held a grant on that day."""
    account = Account.objects.filter(pk=account_id).first()
    day = timezone.localdate(review.submitted_at)
    held = Grant.objects.everywhere(reason="the submitter's own grants on the day of the matter")
    return (account is not None and account.phone_index is None) or held.filter(
        account=account_id, period__contains=day
    ).exists()


@transaction.atomic
def count_from(actor: Actor, *, review: Review, day: date) -> Review:
    """A paper was handed in on an earlier day than it was entered: the clock of the first step runs from that day.

    Only before anybody has decided. Raises Refused for a day to come, or one more than `PAPERS_WAIT` days ago.
    """
    fresh = lock_open(review)
    require_submitter(actor, fresh)
    today = timezone.localdate()
    if not today - PAPERS_WAIT <= day <= today:
        raise Refused(f"材料日期应在最近 {PAPERS_WAIT.days} 天内，不能晚于今天。", field="paper_on")
    step = current_step(fresh)
    if step.order != 1 or fresh.state != Review.State.PENDING:
        raise Refused("这个办件已经有人办理，不能再改受理日期。")
    fresh.submitted_at = timezone.make_aware(datetime.combine(day, time(9)))
    fresh.save(update_fields=["submitted_at"])
    open_step(step, fresh.submitted_at)
    ReviewEvent.objects.everywhere(reason="the entry of its own submission").filter(
        review=fresh, verb=Verb.SUBMITTED
    ).update(at=fresh.submitted_at)
    journal(
        actor, "reviews.counted_from", subject=fresh, label=fresh.number, paths=fresh.organisation.paths,
        detail={"day": f"{day:%Y-%m-%d}"},
    )  # fmt: skip
    return fresh


@transaction.atomic
def supplement(
    actor: Actor,
    *,
    review: Review,
    note: str = "",
    attachment: Attachment | None = None,
    at: datetime | None = None,
) -> Review:
    """Complete a returned matter: the clock goes on, and the due date moves by the working days of the pause."""
    fresh = lock_open(review)
    require_submitter(actor, fresh)
    if fresh.state != Review.State.RETURNED:
        raise Refused("这个办件没有要求补正，不需要重新提交。")
    now = at or timezone.now()
    step = current_step(fresh)
    if step.due_on is not None and step.paused_on is not None:
        today = max(timezone.localdate(now), step.paused_on)
        step.due_on = resumed_due_date(step.due_on, step.paused_on, today, working_calendar())
    step.paused_on = None
    step.save(update_fields=["due_on", "paused_on"])
    fresh.state = Review.State.PENDING
    fresh.save(update_fields=["state"])
    write(actor, fresh, Verb.SUPPLEMENTED, now, step=step, opinion=note.strip()[:500], attachment=attachment)
    return fresh


@transaction.atomic
def withdraw(actor: Actor, *, review: Review, reason: str, at: datetime | None = None) -> Review:
    """Take the matter back before it is decided; the reason is asked. Of an appeal: the refusal stands."""
    fresh = lock_open(review)
    require_submitter(actor, fresh)
    reason = words(reason, "reason", "请填写撤回原因。")
    now = at or timezone.now()
    step = current_step(fresh)
    step.is_current, step.paused_on = False, None
    step.save(update_fields=["is_current", "paused_on"])
    appealed = fresh.appealed_at is not None
    fresh.state, fresh.decided_at = Review.State.REFUSED if appealed else Review.State.WITHDRAWN, now
    fresh.save(update_fields=["state", "decided_at"])
    write(actor, fresh, Verb.WITHDRAWN, now, step=step, opinion=reason)
    hook = rules_of(fresh).on_refused if appealed else rules_of(fresh).on_withdrawn
    if hook is not None:
        hook(actor, fresh)
    return fresh
