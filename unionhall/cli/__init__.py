"""The `unionhall` command: its own wiring commands and every Django management command under one name.

Own commands live here (demo, serve, work, doctor, backup, restore, drill, keys); a room's commands are ordinary Django
management commands in `unionhall/<room>/management/commands/`. `program.main` finds the command, starts the embedded
PostgreSQL when there is no DATABASE_URL, and turns every failure into one plain line.
"""

from .program import main

__all__ = ["main"]
