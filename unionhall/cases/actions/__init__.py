"""Verbs of cases: `core` for every kind, then a file for each noun."""
