"""The verbs of review. Each is atomic and journalled; the first argument is the actor, the rest are keywords."""

from ..planning import StepPlan, StepRule, plan, who_reviews
from .appealing import appeal
from .batch import BatchOutcome, approve_many
from .deciding import approve, hand_over, refuse, urge
from .delegating import delegate, end_delegation
from .returning import return_for_completion
from .submitting import count_from, submit, supplement, withdraw

__all__ = [
    "BatchOutcome",
    "StepPlan",
    "StepRule",
    "appeal",
    "approve",
    "approve_many",
    "count_from",
    "delegate",
    "end_delegation",
    "hand_over",
    "plan",
    "refuse",
    "return_for_completion",
    "submit",
    "supplement",
    "urge",
    "who_reviews",
    "withdraw",
]
