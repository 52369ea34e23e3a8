"""Sending a matter back to be completed: everything that is missing is told at once."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from unionhall.access.models import Grant
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import permission
from unionhall.records.actions import notify

from ..addresses import desk_page
from ..models import Review, ReviewStep
from ..procedures import ReturnItem
from .deciding import require_decider
from .locking import Verb, lock_step, note, rules_of, tell_submitter, words


@transaction.atomic
def return_for_completion(
    actor: Actor,
    *,
    step: ReviewStep,
    opinion: str = "",
    items: Iterable[str] = (),
    reason: str = "",
    at: datetime | None = None,
) -> Review:
    """Send it back with the list of what is missing: codes of ready-made items, own words, or both. The clock pauses.

    Once is the rule. To send it back again asks why it was not told the first time; superiors are shown that.
    """
    review, step = lock_step(step)
    acted_for = require_decider(actor, review, step)
    procedure = rules_of(review)
    chosen = _chosen(procedure.return_items(review), items)
    opinion = opinion.strip()
    if not chosen or opinion:
        opinion = words(opinion, "opinion", "退回补正时请写明要补什么，提交人会看到。")
    reason = reason.strip()
    if review.returns:
        reason = words(
            reason, "reason",
            "要补的内容应当一次告知，这个办件已经退回过。再次退回请写明为什么没有一次告知，上级会看到。", 300,
        )  # fmt: skip
    now = at or timezone.now()
    step.paused_on = timezone.localdate(now)
    step.save(update_fields=["paused_on"])
    review.state, review.returns = Review.State.RETURNED, review.returns + 1
    review.save(update_fields=["state", "returns"])
    note(
        actor, review, Verb.RETURNED, now, step=step, opinion=opinion, acted_for=acted_for, items=chosen,
        reason=reason if review.returns > 1 else "",
    )  # fmt: skip
    if procedure.on_returned is not None:
        procedure.on_returned(actor, review)
    asked = "；".join([*(one.text for one in chosen), *filter(None, [opinion])])
    tell_submitter(
        review, f"{procedure.title}需要补正", f"“{review.title}”（{review.number}）请补正：{asked}"
    )
    if review.returns > 1:
        _tell_superiors(review, step, reason)
    return review


def _chosen(known: Iterable[ReturnItem], codes: Iterable[str]) -> list[ReturnItem]:
    by_code = {one.code: one for one in known}
    wanted = list(dict.fromkeys(codes))
    if any(code not in by_code for code in wanted):
        raise Refused("补正清单已经变化，请刷新页面后再办理。", field="items")
    return [by_code[code] for code in wanted]


def _tell_superiors(review: Review, step: ReviewStep, reason: str) -> None:
    """Those who may urge, exactly at the union above the step's."""
    if step.organisation.parent_id is None:
        return
    rows = Grant.objects.everywhere(reason="who supervises a step is not a question of the actor's own scope")
    rows = rows.in_force(timezone.localdate()).filter(
        organisation=step.organisation.parent_id, role__in=permission("reviews.urge").roles
    )
    for account_id in rows.values_list("account_id", flat=True).distinct():
        notify(
            account_id,
            "下级再次退回补正",
            f"“{review.title}”（{review.number}）第 {review.returns} 次退回，理由：{reason}",
            desk_page(review),
            path=step.organisation.path,
        )
