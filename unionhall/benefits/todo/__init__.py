"""What waits in benefits, by noun, for the one to-do list."""

from . import medical, plans, relief

__all__ = ["medical", "plans", "relief"]
