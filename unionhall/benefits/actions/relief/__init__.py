"""Verbs of hardship relief: apply, visit, check, publicise, aid, verify, leave, come back."""

from .aiding import Limit, grant_aid, limit_of, revoke_aid
from .applying import Figures, PersonFigures, Relative, apply, assess_again, open_file
from .checking import CHECK_HEADINGS, explain_mismatch, make_check, settle_checked, take_check
from .leaving import close_due, drop_exit, propose_exit, publicise_exit, reopen
from .papers import add_paper, kinds_of
from .receiving import asks_membership, employers_union, place_for, unmet
from .working import name_helper, publicise, record_visit, reveal_health, verify

__all__ = [
    "CHECK_HEADINGS",
    "Figures",
    "Limit",
    "PersonFigures",
    "Relative",
    "add_paper",
    "apply",
    "asks_membership",
    "assess_again",
    "close_due",
    "drop_exit",
    "employers_union",
    "explain_mismatch",
    "grant_aid",
    "kinds_of",
    "limit_of",
    "make_check",
    "name_helper",
    "open_file",
    "place_for",
    "propose_exit",
    "publicise",
    "publicise_exit",
    "record_visit",
    "reopen",
    "reveal_health",
    "revoke_aid",
    "settle_checked",
    "take_check",
    "unmet",
    "verify",
]
