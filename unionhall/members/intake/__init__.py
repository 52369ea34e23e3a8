"""Bringing in a roster: read whatever an office sends, check every row, show what would happen, commit, undo.

Nouns: `Table` (a file's sheet with its columns recognised), `Mapping` (headings and codes of a source), and the
models `RosterBatch` and `RosterRow`. The way of a batch: `actions.receive` → `check` → `commit` → `undo`.
"""
