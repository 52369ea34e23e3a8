"""What benefits bring to review; each noun registers its procedures in a file imported here."""

from . import cover, cover_offers, medical, member_services, relief, relief_offers, subsidy

__all__ = ["cover", "cover_offers", "medical", "member_services", "relief", "relief_offers", "subsidy"]
