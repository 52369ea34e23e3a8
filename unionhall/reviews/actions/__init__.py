"""The verbs of review. Each is atomic and journalled; the first argument is the actor, the rest are keywords."""

from ..planning import StepPlan, StepRule, plan, who_reviews
from .batch import BatchOutcome, approve_many
from .deciding import approve, hand_over, refuse, return_for_completion, urge
from .submitting import submit, supplement, withdraw

__all__ = [
    "BatchOutcome",
    "StepPlan",
    "StepRule",
    "approve",
    "approve_many",
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
