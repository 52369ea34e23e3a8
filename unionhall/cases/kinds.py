"""What a kind of case says about itself: its name, its scheme, who sees and handles it, what follows from its moves.

Each kind registers in its own module of the room's `procedures`; the core knows no kind. Hooks run in the transaction
of the move: a Refused raised by one undoes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from unionhall.foundation.actors import Actor

from .schemes.base import CaseScheme

if TYPE_CHECKING:
    from django.http import HttpRequest

    from .models import Case, CaseClock

#: After a move: `(actor, case, move code)`.
Follow = Callable[[Actor, "Case", str], None]
#: Before it: raises Refused while something is missing.
Guard = Callable[[Actor, "Case", str], None]
Facts = Callable[["Case"], list[tuple[str, str]]]
#: What is said with the move that the platform makes when a clock has run out.
Ends = Callable[["Case", "CaseClock"], str]
#: What the kind's own template on the desk's page is given, as `own`.
Panel = Callable[["HttpRequest", "Case"], dict[str, Any]]


def no_facts(case: Case) -> list[tuple[str, str]]:
    return []


def nothing_said(case: Case, clock: CaseClock) -> str:
    return ""


def no_panel(request: HttpRequest, case: Case) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Kind:
    """A kind of case. `view` and `handle` are permissions; `template` shows what is its own on the case's page: it is
    included there with `object` (the case) and `own` (what `panel` answers).

    `desk_moves`: moves that a handler makes with the general form; the others belong to actions of the kind itself.
    """

    code: str
    title: str
    prefix: str
    scheme: type[CaseScheme]
    view: str
    handle: str
    facts: Facts = no_facts
    desk_moves: frozenset[str] = frozenset()
    guards: tuple[Guard, ...] = ()
    follows: tuple[Follow, ...] = ()
    causes: dict[str, str] = field(default_factory=dict)
    template: str = ""
    panel: Panel = no_panel
    ends: Ends = nothing_said
    #: The worker may rate it when it is closed.
    rated: bool = False


_kinds: dict[str, Kind] = {}


class UnknownKind(LookupError):
    """A case names a kind that nobody registers: a spelling mistake, never a refusal."""


def register(*found: Kind) -> None:
    """Codes and prefixes of numbers are unique."""
    for kind in found:
        if kind.code in _kinds or any(one.prefix == kind.prefix for one in _kinds.values()):
            raise ValueError(f"kind {kind.code} or prefix {kind.prefix} is registered twice")
        _kinds[kind.code] = kind


def kind(code: str) -> Kind:
    try:
        return _kinds[code]
    except KeyError:
        raise UnknownKind(code) from None


def all_kinds() -> list[Kind]:
    return sorted(_kinds.values(), key=lambda one: one.code)
