"""Nouns of benefits, by file. A file in progress is imported here together with its migration."""

from .aids import Aid, CivilCheck, CivilCheckRow
from .cover import CoverChange, CoverClaim, CoverEnrolment, CoverPaper, CoverRoll
from .entitlements import Reach, Told
from .insurers import Insurer, InsurerSeat
from .medical import MedicalClaim, MedicalCover, MedicalPaper, SettlementFile, SettlementLine
from .member_services import CatalogueImport, Merchant, Outlet, Service, ServiceOutlet, Teller
from .needs import Need, NeedsAnswer, NeedsRound
from .plans import PlanPerson, PlanPurchase
from .relief import (
    Assessment,
    Cause,
    CivilStatus,
    HardshipCategory,
    HardshipFile,
    HardshipPaper,
    HardshipVisit,
    Health,
    HelperAssignment,
    Housing,
    ReliefEvent,
)
from .subsidy import CareerApplication, Certificate
from .vouchers import OfflineUpload, Rating, Reconciliation, Redemption, Voucher

__all__ = [
    "Aid",
    "Assessment",
    "CareerApplication",
    "CatalogueImport",
    "Cause",
    "Certificate",
    "CivilCheck",
    "CivilCheckRow",
    "CivilStatus",
    "CoverChange",
    "CoverClaim",
    "CoverEnrolment",
    "CoverPaper",
    "CoverRoll",
    "HardshipCategory",
    "HardshipFile",
    "HardshipPaper",
    "HardshipVisit",
    "Health",
    "HelperAssignment",
    "Housing",
    "Insurer",
    "InsurerSeat",
    "MedicalClaim",
    "MedicalCover",
    "MedicalPaper",
    "Merchant",
    "Need",
    "NeedsAnswer",
    "NeedsRound",
    "OfflineUpload",
    "Outlet",
    "PlanPerson",
    "PlanPurchase",
    "Rating",
    "Reach",
    "Reconciliation",
    "Redemption",
    "ReliefEvent",
    "Service",
    "ServiceOutlet",
    "SettlementFile",
    "SettlementLine",
    "Teller",
    "Told",
    "Voucher",
]
