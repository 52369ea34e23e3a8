"""The kinds of matters, by the room that handles them. Importing them registers them."""

from . import benefits, complaints, joining

__all__ = ["benefits", "complaints", "joining"]
