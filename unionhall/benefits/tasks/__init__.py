"""Jobs of benefits, by noun. What they do is imported when they do it."""

from . import cover, entitlements, relief

__all__ = ["cover", "entitlements", "relief"]
