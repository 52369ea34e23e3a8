"""Verbs of insights: taking figures along as a file."""

from dataclasses import dataclass

from django.db import transaction

from unionhall.foundation.actors import Actor
from unionhall.records.actions import digest_of, journal

from .board import Board
from .exports import FORMATS, content


@dataclass(frozen=True)
class Exported:
    """A finished file."""

    name: str
    content_type: str
    content: bytes


@transaction.atomic
def export(actor: Actor, *, board: Board, what: str, purpose: str) -> Exported:
    """The tables of a board as a file, and an entry in the journal. Raises NotAllowed, KeyError for an unknown form."""
    actor.require("organisations.figures", *board.union.paths)
    chosen = {one.code: one for one in FORMATS}[what]
    found, rows = content(board, what)
    journal(
        actor,
        "insights.figures_exported",
        subject=board.union,
        paths=board.union.paths,
        reason=purpose,
        detail={"format": what, "on": f"{board.shown_day:%Y-%m-%d}", "rows": rows},
        digest=digest_of([(found.hex(),)]),
    )
    name = f"统计数据-{board.union.code}-{board.shown_day:%Y%m%d}-{what}.{chosen.suffix}"
    return Exported(name, chosen.content_type, found)
