"""The standing procedure."""
