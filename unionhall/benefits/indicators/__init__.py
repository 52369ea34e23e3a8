"""Figures of benefits, by noun."""

from . import cover, entitlements, medical, member_services, needs, relief

__all__ = ["cover", "entitlements", "medical", "member_services", "needs", "relief"]
