"""Nouns of cases, by kind."""

from .case import Case, CaseClock, CaseEvent, CaseFile, CaseLink, CaseParty, CaseQuerySet, CaseText, Channel
from .disputes import Agreement, Dispute, Instalment, Signature
from .mediation import Mediation, MediationBody, MediationSession, Mediator, MediatorLeave
from .referrals import PartnerBody, PartnerSeat, Referral, ReferralItem

__all__ = [
    "Agreement",
    "Case",
    "CaseClock",
    "CaseEvent",
    "CaseFile",
    "CaseLink",
    "CaseParty",
    "CaseQuerySet",
    "CaseText",
    "Channel",
    "Dispute",
    "Instalment",
    "Mediation",
    "MediationBody",
    "MediationSession",
    "Mediator",
    "MediatorLeave",
    "PartnerBody",
    "PartnerSeat",
    "Referral",
    "ReferralItem",
    "Signature",
]
