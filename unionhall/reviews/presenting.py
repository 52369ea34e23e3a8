"""A review as pages show it: trail, steps, deadline, and whether the reader may decide."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.compiled import Ask, Compiled, Given
from unionhall.foundation.permissions import Role
from unionhall.foundation.scope import Access
from unionhall.kit.masking import mask_name
from unionhall.kit.workdays import Calendar, deadline_state
from unionhall.records.models import Attachment

from .models import Delegation, Review, ReviewEvent, ReviewStep
from .procedures import Procedure, conflicted

PAUSED = "等待补正"
CLOSED_PAPER = "附有材料，由办理这类事项的人打开"
_TONES = {
    ReviewEvent.Verb.SUBMITTED: "info",
    ReviewEvent.Verb.APPROVED: "ok",
    ReviewEvent.Verb.RETURNED: "warn",
    ReviewEvent.Verb.SUPPLEMENTED: "info",
    ReviewEvent.Verb.TRANSFERRED: "info",
    ReviewEvent.Verb.REFUSED: "bad",
    ReviewEvent.Verb.WITHDRAWN: "mute",
    ReviewEvent.Verb.URGED: "warn",
    ReviewEvent.Verb.APPEALED: "info",
}


_loans = Compiled(
    lambda: (
        Delegation.objects.everywhere(reason="loans to whoever looks decide what he may do")
        .in_force(Given("day"))  # type: ignore[arg-type]  # the day that each call brings
        .filter(to=Given("account"))
        .select_related("grant__account")
    )
)


def loans(access: Access) -> Sequence[Delegation]:
    """What others have lent the account today; one query by key a request, none for those who decide nothing."""
    if not access.prefixes("reviews.decide") or access.account_id is None:
        return ()
    known: Sequence[Delegation] | None = getattr(access, "_loans", None)
    if known is None:
        known = loans_asked(access).get()
        access._loans = known  # type: ignore[attr-defined]
    return known


def loans_asked(access: Access) -> Ask[Delegation]:
    """What `loans` will ask, to be put together with other questions."""
    found: Ask[Delegation] | None = getattr(access, "_loans_asked", None)
    if found is None:
        found = _loans.ask(account=access.account_id, day=timezone.localdate())
        access._loans_asked = found  # type: ignore[attr-defined]
    return found


def own_holdings(access: Access) -> list[tuple[int, str]]:
    """The (union, role) pairs of the account's own grants; read with the grants, at no further query."""
    if not access.prefixes("reviews.decide"):
        return []
    return [(grant.organisation_id, grant.role) for grant in getattr(access, "grants", ())]


def acting_for(access: Access) -> dict[tuple[int, str], str]:
    """The (union, role) pairs that the account holds only for others, with their names."""
    own, found = set(own_holdings(access)), {}
    for loan in loans(access):
        pair = (loan.grant.organisation_id, loan.grant.role)
        if pair not in own:
            found[pair] = loan.grant.account.display_name
    return found


def holdings(access: Access) -> list[tuple[int, str]]:
    """The (union, role) pairs in which the account may decide: its own, then those lent to it."""
    return [*own_holdings(access), *acting_for(access)]


@dataclass(frozen=True)
class Clock:
    """What `{% deadline %}` asks for."""

    due: date | None
    days: int | None
    paused: str
    done: bool


def clock(step: ReviewStep | None, today: date, calendar: Calendar) -> Clock:
    """The clock of a step; None, or a decided step, is done."""
    if step is None or step.outcome or not step.is_current:
        return Clock(step.due_on if step is not None else None, None, "", True)
    if step.due_on is None:
        return Clock(None, None, "", False)
    if step.paused_on is not None:
        return Clock(step.due_on, None, f"{PAUSED}，自 {step.paused_on:%m-%d} 起", False)
    return Clock(step.due_on, deadline_state(step.due_on, today, calendar).days, "", False)


def why_not(actor: Actor, review: Review, step: ReviewStep | None) -> str | None:
    """None when the actor may decide the step now; otherwise why not, for the page. Actions ask again."""
    if step is None:
        return "办件已经办结。" if review.state != Review.State.WITHDRAWN else "提交人已撤回，不需要办理。"
    handler = f"{step.organisation.name}的{Role(step.role).label}"
    if review.state == Review.State.RETURNED:
        return f"已退回补正，提交人补正后由{handler}继续办理。"
    if (step.organisation_id, step.role) not in holdings(actor.access):
        return f"这个环节由{handler}办理。"
    if conflicted(actor, review):
        return "这是您自己提交、涉及您本人或者您家庭成员的办件，不能由您审核；可以移交，或请其他审核人办理。"
    return None


def asked(event: ReviewEvent) -> list[str]:
    """What a return asks for, as a list: the ticked items, then own words."""
    return [*(str(item["text"]) for item in event.items), *filter(None, [event.opinion])]


def _words(event: ReviewEvent, desk: bool) -> str:
    found = "；".join(asked(event))
    return f"{found}（再次退回的理由：{event.reason}）" if desk and event.reason else found


def _paper(
    event: ReviewEvent, file: Attachment, file_url: Callable[[ReviewEvent], str] | None
) -> dict[str, Any]:
    if file_url is None:
        return {"name": CLOSED_PAPER, "size": None, "url": ""}
    return {"name": file.name, "size": file.size, "url": file_url(event)}


def trail(
    events: Iterable[ReviewEvent],
    *,
    for_worker: int | None = None,
    file_url: Callable[[ReviewEvent], str] | None,
) -> list[dict[str, Any]]:
    """Entries for `{% timeline %}`. On the worker's pages his own acts are 本人 and deciders speak as their step.

    Without `file_url` the reader may not open the papers: that there is one is all he is told.
    """
    entries = []
    for event in events:
        step = event.step.name if event.step is not None else ""
        if for_worker is None:
            who = f"{event.actor_name}（代{event.acted_for}）" if event.acted_for else event.actor_name
        elif event.actor_id == for_worker:
            who = "本人"
        else:
            who = step or event.actor_name
        entries.append(
            {
                "who": who,
                "place": "" if for_worker is not None else step,
                "at": event.at,
                "what": event.get_verb_display(),
                "opinion": _words(event, for_worker is None),
                "tone": _TONES[ReviewEvent.Verb(event.verb)],
                "attachments": [_paper(event, event.attachment, file_url)] if event.attachment else [],
            }
        )
    return entries


def stepper(review: Review, steps: Sequence[ReviewStep]) -> list[dict[str, Any]]:
    """Steps for `{% stepper %}`: 提交, each step, its day or the day by which it is due."""
    found: list[dict[str, Any]] = [
        {"title": "提交", "state": "done", "at": f"{review.submitted_at:%m-%d}", "note": ""}
    ]
    for step in steps:
        if step.outcome:
            state, at = "done", f"{step.decided_at:%m-%d}" if step.decided_at else ""
        elif step.is_current:
            state, at = "now", f"{step.due_on:%m-%d} 前" if step.due_on else ""
        else:
            state, at = "todo", ""
        outcome = "不通过" if step.outcome == ReviewStep.Outcome.REFUSED else ""
        found.append(
            {"title": step.name, "state": state, "at": at, "note": outcome or step.organisation.name}
        )
    return found


def facts_for(review: Review, rules: Procedure, *, whole: bool) -> list[tuple[str, str]]:
    """The facts of a matter; names are whole only for those who may know whose it is."""
    found = rules.facts(review)
    if whole:
        return found
    return [(label, mask_name(value) if label in rules.names else value) for label, value in found]


def current(steps: Iterable[ReviewStep]) -> ReviewStep | None:
    return next((step for step in steps if step.is_current), None)
