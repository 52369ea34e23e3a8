"""The admission procedure."""
