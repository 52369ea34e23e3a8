"""Tasks, pure: how far a task has come by its parts, which parts are late, what the replies say together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

__all__ = ["Part", "merged", "progress"]


@dataclass(frozen=True)
class Part:
    """A part as the rule sees it: whose, how far (0–100), by when, whether accepted, its reply."""

    holder: str
    progress: int
    due_on: date
    accepted: bool
    reply: str = ""
    withdrawn: bool = False

    def is_late(self, today: date) -> bool:
        return not self.accepted and not self.withdrawn and self.due_on < today


def progress(parts: Iterable[Part]) -> int:
    """The mean of the parts that count, rounded down; an accepted one is whole. Nothing handed out is nothing done."""
    found = [100 if one.accepted else one.progress for one in parts if not one.withdrawn]
    return sum(found) // len(found) if found else 0


def merged(parts: Sequence[Part]) -> str:
    """The replies of all parts as one text, each under its holder; who has not answered is named too."""
    lines = []
    for number, one in enumerate((part for part in parts if not part.withdrawn), start=1):
        lines.append(f"{number}. {one.holder}：{one.reply.strip() or '尚未答复'}")
    return "\n".join(lines)
