"""Verbs of medical mutual aid: files, exceptions, claims with papers, cover that people take out."""
