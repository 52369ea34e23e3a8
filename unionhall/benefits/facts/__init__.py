"""Facts that benefits know about a person; each noun registers its own in a file imported here."""

from . import medical, relief, subsidy

__all__ = ["medical", "relief", "subsidy"]
