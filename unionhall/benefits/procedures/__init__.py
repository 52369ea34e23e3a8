"""What benefits bring to review; each noun registers its procedures in a file imported here."""

from . import cover, medical, relief, services

__all__ = ["cover", "medical", "relief", "services"]
