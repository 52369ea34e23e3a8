"""The founding procedure."""
