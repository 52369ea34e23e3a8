"""The transfers procedure."""
