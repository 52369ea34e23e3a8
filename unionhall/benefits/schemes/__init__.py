"""Programmes of benefits: parameters of each, registered by being imported here."""

from .base import BenefitScheme, Paper
from .cover import CoverScheme
from .entitlements import EntitlementsScheme
from .medical import MedicalAidScheme
from .services import MemberServices

__all__ = ["BenefitScheme", "CoverScheme", "EntitlementsScheme", "MedicalAidScheme", "MemberServices", "Paper"]
