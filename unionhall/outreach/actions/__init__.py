"""Verbs of visits, by noun."""
