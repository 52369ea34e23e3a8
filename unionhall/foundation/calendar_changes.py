"""Whoever counts working days ahead hears when the calendar changes: rooms above register, the portal tells.

Called in the transaction of the change, so a hook only queues a job.
"""

from collections.abc import Callable
from datetime import date

Hook = Callable[[date], None]
_hooks: list[Hook] = []


def on_change(hook: Hook) -> Hook:
    """Have `hook(day)` called: `day` is the first that is another than before. Usable as a decorator."""
    if hook not in _hooks:
        _hooks.append(hook)
    return hook


def changed(day: date) -> None:
    """Say that a day works that did not, or the other way round."""
    for hook in _hooks:
        hook(day)
