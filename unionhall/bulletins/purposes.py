"""What a domain says about the lists it publicises: a title, the columns, and what follows for each row.

A domain registers its purposes in its own `procedures` module (imported when Django is ready). Hooks run in the
transaction that ends the row: a Refused raised by one undoes it and is shown to the officers. Bulletins know no domain.
"""

from collections.abc import Callable
from dataclasses import dataclass

from unionhall.foundation.actors import Actor

from .models import NoticeRow

Hook = Callable[[Actor, NoticeRow], None]


def nothing(actor: Actor, row: NoticeRow) -> None:
    """The default of the hooks."""


@dataclass(frozen=True)
class Purpose:
    """A kind of public notice: `code`, Chinese `title`, headings of the `columns` after name and unit, and hooks.

    `on_passed`: the row's period ended and nothing stood against it. `on_upheld`: an objection was right, the row is
    off the list. `on_stopped`: the whole notice was given up (an error of form, say); by default as `on_upheld`.
    `url(row)`: the domain's desk page about the row's matter. `row.key` is what the domain called it.
    """

    code: str
    title: str
    columns: tuple[str, ...] = ()
    on_passed: Hook = nothing
    on_upheld: Hook = nothing
    on_stopped: Hook | None = None
    url: Callable[[NoticeRow], str] | None = None


_purposes: dict[str, Purpose] = {}


class UnknownPurpose(LookupError):
    """A notice is made for a purpose that no room registers: a spelling mistake, never a refusal."""


def register(*purposes: Purpose) -> None:
    """A second, different purpose of the same code is a mistake."""
    for purpose in purposes:
        if _purposes.setdefault(purpose.code, purpose) != purpose:
            raise ValueError(f"purpose {purpose.code} is registered twice")


def purpose(code: str) -> Purpose:
    try:
        return _purposes[code]
    except KeyError:
        raise UnknownPurpose(code) from None


def title_of(code: str) -> str:
    """The Chinese name; the code itself for a purpose that is no longer registered."""
    found = _purposes.get(code)
    return found.title if found is not None else code


#: What an officer types or pastes himself: nothing follows by program.
GENERAL = "general"
register(Purpose(GENERAL, "其他公示", ("公示内容",)))
