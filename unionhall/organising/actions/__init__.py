"""Verbs of organising, one module for each noun."""
