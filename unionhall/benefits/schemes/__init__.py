"""Programmes of benefits: parameters of each, registered by being imported here."""

from . import words as _words  # noqa: F401 — declares what parameters are called
from .base import BenefitScheme, Paper
from .cover import CoverScheme
from .entitlements import EntitlementsScheme
from .medical import MedicalAidScheme
from .member_services import MemberServices
from .needs import NeedsScheme
from .relief import AidScheme, HardshipScheme
from .subsidy import CareerCatalogue, CareerScheme

__all__ = [
    "AidScheme",
    "BenefitScheme",
    "CareerCatalogue",
    "CareerScheme",
    "CoverScheme",
    "EntitlementsScheme",
    "HardshipScheme",
    "MedicalAidScheme",
    "MemberServices",
    "NeedsScheme",
    "Paper",
]
