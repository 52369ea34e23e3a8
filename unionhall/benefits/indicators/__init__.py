"""Figures of benefits, by noun."""

from . import cover, entitlements, relief, services

__all__ = ["cover", "entitlements", "relief", "services"]
