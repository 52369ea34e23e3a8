"""Figures of benefits, by noun."""

from . import entitlements

__all__ = ["entitlements"]
