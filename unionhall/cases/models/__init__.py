"""Nouns of cases, by kind."""

from .aid import AidAssignment, AidWork, LegalAid
from .appeals import Appeal, HotlineList, HotlineRow
from .case import Case, CaseClock, CaseEvent, CaseFile, CaseLink, CaseParty, CaseQuerySet, CaseText, Channel
from .disputes import Agreement, Dispute, Instalment, Signature
from .incidents import (
    Incident,
    IncidentAgreement,
    IncidentDuty,
    IncidentEntry,
    IncidentOpinion,
    IncidentRelease,
    IncidentTalk,
)
from .lawyers import (
    AidDuty,
    CounselBatch,
    CounselVisit,
    FirmCounsel,
    Lawyer,
    LawyerConflict,
    LawyerLeave,
    LegalAidBody,
)
from .mediation import Mediation, MediationBody, MediationSession, Mediator, MediatorLeave
from .referrals import PartnerBody, PartnerSeat, Referral, ReferralItem
from .supervision import SupervisionNote
from .tasks import Plan, Task, TaskPart
from .transfers import CaseTransfer

__all__ = [
    "Agreement",
    "AidAssignment",
    "AidDuty",
    "AidWork",
    "Appeal",
    "Case",
    "CaseClock",
    "CaseEvent",
    "CaseFile",
    "CaseLink",
    "CaseParty",
    "CaseQuerySet",
    "CaseText",
    "CaseTransfer",
    "Channel",
    "CounselBatch",
    "CounselVisit",
    "Dispute",
    "FirmCounsel",
    "HotlineList",
    "HotlineRow",
    "Incident",
    "IncidentAgreement",
    "IncidentDuty",
    "IncidentEntry",
    "IncidentOpinion",
    "IncidentRelease",
    "IncidentTalk",
    "Instalment",
    "Lawyer",
    "LawyerConflict",
    "LawyerLeave",
    "LegalAid",
    "LegalAidBody",
    "Mediation",
    "MediationBody",
    "MediationSession",
    "Mediator",
    "MediatorLeave",
    "PartnerBody",
    "PartnerSeat",
    "Plan",
    "Referral",
    "ReferralItem",
    "Signature",
    "SupervisionNote",
    "Task",
    "TaskPart",
]
