"""The verbs of the tree. Each is atomic, journalled, keyword-only after the actor, and leaves a period behind.

Effective dates may lie in the past, back to the last change of what they touch, and never in the future.
Changes of structure ask for the permission at the superior union: nobody abolishes or moves itself.
"""

from .employers import cover, register_employer, revise_employer, uncover
from .endings import dissolve, merge, resume, split_off, suspend
from .establishing import establish
from .moving import move
from .revising import edit, rename
from .terms import extend, start_term

__all__ = [
    "cover",
    "dissolve",
    "edit",
    "establish",
    "extend",
    "merge",
    "move",
    "register_employer",
    "rename",
    "resume",
    "revise_employer",
    "split_off",
    "start_term",
    "suspend",
    "uncover",
]
