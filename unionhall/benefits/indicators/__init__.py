"""Figures of benefits, by noun."""

from . import cover, entitlements, medical, member_services, relief

__all__ = ["cover", "entitlements", "medical", "member_services", "relief"]
