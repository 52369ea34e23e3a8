"""Entitlements."""
