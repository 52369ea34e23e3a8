"""Jobs of benefits, by noun. What they do is imported when they do it."""

from . import cover, entitlements, medical, member_services, needs, relief

__all__ = ["cover", "entitlements", "medical", "member_services", "needs", "relief"]
