"""Facts that benefits know about a person; each noun registers its own in a file imported here."""

from . import cover, medical, relief, subsidy

__all__ = ["cover", "medical", "relief", "subsidy"]
