"""Programmes of benefits: parameters of each, registered by being imported here."""

from .base import BenefitScheme, Paper

__all__ = ["BenefitScheme", "Paper"]
