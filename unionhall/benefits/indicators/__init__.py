"""Figures of benefits, by noun."""

from . import entitlements, relief, services

__all__ = ["entitlements", "relief", "services"]
