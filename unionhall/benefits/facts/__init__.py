"""Facts that benefits know about a person; each noun registers its own in a file imported here."""

from . import medical, relief

__all__ = ["medical", "relief"]
