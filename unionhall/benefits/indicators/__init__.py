"""Figures of benefits, by noun."""

from . import cover, entitlements, member_services, relief

__all__ = ["cover", "entitlements", "relief", "member_services"]
