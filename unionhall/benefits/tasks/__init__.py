"""Jobs of benefits, by noun. What they do is imported when they do it."""

from . import cover, entitlements, medical, relief, services

__all__ = ["cover", "entitlements", "medical", "relief", "services"]
