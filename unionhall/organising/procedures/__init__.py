"""What organising brings to review: each module registers its procedure when imported."""

from . import admission, founding, standing, transfers

__all__ = ["admission", "founding", "standing", "transfers"]
