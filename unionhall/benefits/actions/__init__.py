"""Verbs of benefits: atomic, journalled, keyword-only, the actor first."""
