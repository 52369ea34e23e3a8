"""How a member's name is shown at the desk: in full to who keeps the register there, masked to all others."""

from unionhall.foundation.actors import Actor

from .models import Membership


def shown_name(actor: Actor, row: Membership) -> str:
    """Needs `row.person`; the union's two chains stand on the row itself, so no query."""
    paths = tuple(path for path in (row.path, row.second_path) if path)
    return row.person.name if actor.may("members.edit", *paths) else row.person.masked_name
