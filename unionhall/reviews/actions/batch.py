"""Deciding many at once, each on its own: what succeeds stays, what fails says why."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused

from ..models import ReviewStep
from .deciding import approve


@dataclass
class BatchOutcome:
    """Steps that were approved, and steps that were not, with the reason that people read."""

    done: list[ReviewStep] = field(default_factory=list)
    failures: list[tuple[ReviewStep, str]] = field(default_factory=list)


def approve_many(actor: Actor, *, steps: Iterable[ReviewStep], opinion: str = "") -> BatchOutcome:
    """Approve each step in a transaction of its own; a refusal concerns its row only."""
    outcome = BatchOutcome()
    for step in steps:
        try:
            with transaction.atomic():
                approve(actor, step=step, opinion=opinion)
        except (Refused, NotAllowed) as refusal:
            outcome.failures.append((step, str(refusal)))
        else:
            outcome.done.append(step)
    return outcome
