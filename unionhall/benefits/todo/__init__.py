"""What waits in benefits, by noun, for the one to-do list."""

from . import relief

__all__ = ["relief"]
