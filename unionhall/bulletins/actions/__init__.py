"""The verbs of publishing. Each is atomic and journalled; the first argument is the actor, the rest are keywords.

`publicise` and `withdraw_row` are called by domains inside verbs of their own, which ask their own permission.
"""

from .closing import Closed, close_due
from .objecting import raise_objection, settle_objection
from .publicising import Listed, discard, draft, publicise, release
from .stopping import stop, withdraw_row
from .writing import publish, revise, take_down, write

__all__ = [
    "Closed",
    "Listed",
    "close_due",
    "discard",
    "draft",
    "publicise",
    "publish",
    "raise_objection",
    "release",
    "revise",
    "settle_objection",
    "stop",
    "take_down",
    "withdraw_row",
    "write",
]
