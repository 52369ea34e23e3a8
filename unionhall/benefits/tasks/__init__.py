"""Jobs of benefits, by noun. What they do is imported when they do it."""

from . import entitlements

__all__ = ["entitlements"]
