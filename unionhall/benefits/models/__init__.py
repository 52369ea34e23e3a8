"""Nouns of benefits, by file. A file in progress is imported here together with its migration."""

from .entitlements import Reach, Told

__all__ = ["Reach", "Told"]
