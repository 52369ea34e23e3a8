"""What benefits bring to review; each noun registers its procedures in a file imported here."""
