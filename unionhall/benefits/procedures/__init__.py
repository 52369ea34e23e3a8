"""What benefits bring to review; each noun registers its procedures in a file imported here."""

from . import cover, medical, relief, relief_offers, services, subsidy

__all__ = ["cover", "medical", "relief", "relief_offers", "services", "subsidy"]
