"""Programmes of benefits: parameters of each, registered by being imported here."""

from .base import BenefitScheme, Paper
from .cover import CoverScheme
from .entitlements import EntitlementsScheme
from .medical import MedicalAidScheme
from .relief import AidScheme, HardshipScheme
from .services import MemberServices

__all__ = [
    "AidScheme",
    "BenefitScheme",
    "CoverScheme",
    "EntitlementsScheme",
    "HardshipScheme",
    "MedicalAidScheme",
    "MemberServices",
    "Paper",
]
