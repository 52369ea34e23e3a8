"""What waits in benefits, by noun, for the one to-do list."""

from . import medical, relief

__all__ = ["medical", "relief"]
