"""What a document consists of, said once for Word and PDF; and the documents that are declared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..models import Case

Context = Callable[["Case"], dict[str, Any]]


@dataclass(frozen=True)
class Text:
    """A paragraph. `align`: "" indented by two characters, `left` for whom it is for, `right` for who writes."""

    words: str
    align: str = ""


@dataclass(frozen=True)
class Each:
    """A paragraph for each of the list `items` of the context; in its words `one` is the item."""

    items: str
    words: str


@dataclass(frozen=True)
class Facts:
    """A table of two columns: label, words."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sign:
    """Places for signatures and seals, side by side, each with a line for the date."""

    places: tuple[str, ...]


Block = Text | Each | Facts | Sign


def nothing(case: Case) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Template:
    """A document. `kinds`: the kinds of case it is made for, none for every kind; `after`: states in which it fits.

    `asks`: names that the call must give, with their labels, as the desk asks for them in a form.
    """

    code: str
    title: str
    kinds: frozenset[str]
    body: tuple[Block, ...]
    context: Context = nothing
    states: frozenset[str] = frozenset()
    asks: dict[str, str] = field(default_factory=dict)
    #: Shown to the person who filed as soon as it is made.
    shown: bool = False


_templates: dict[str, Template] = {}


class UnknownTemplate(LookupError):
    """A document was asked for that nobody declares: a spelling mistake."""


def declare(*found: Template) -> None:
    for one in found:
        if one.code in _templates:
            raise ValueError(f"document {one.code} is declared twice")
        _templates[one.code] = one


def template(code: str) -> Template:
    try:
        return _templates[code]
    except KeyError:
        raise UnknownTemplate(code) from None


def templates_for(case: Case) -> list[Template]:
    """What may be made of a case where it stands."""
    return [
        one
        for one in _templates.values()
        if (not one.kinds or case.kind in one.kinds) and (not one.states or case.state in one.states)
    ]
