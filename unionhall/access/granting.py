"""Which role may grant which: a table, read by the actions, the pages and the docs.

Nobody grants beyond the subtree in which they hold `access.grant`, nor a role that can do more than their own. One's
own role is granted only below one's own union, never beside oneself: who sits beside me is for the union above.
"""

from unionhall.foundation.permissions import PARTNERS, Line, Role

_LOCAL = frozenset({Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.CLERK})
GRANTABLE: dict[Role, frozenset[Role]] = {
    Role.OFFICER: _LOCAL | {Role.OFFICER, Role.REVIEWER} | PARTNERS,
    # Operators open the accounts of a new federation, its leaders and its auditors among them.
    Role.OPERATOR: frozenset(Role) - {Role.WORKER},
}


def grantable(held: Role, *, below: bool = True) -> frozenset[Role]:
    """The roles that a holder of this role may grant `below` his own union, or at it; empty for most."""
    found = GRANTABLE.get(held, frozenset())
    return found if below else found - {held}


def line_within(held: Line, wanted: Line) -> bool:
    """An officer of one line of work grants only that line; a general one every line."""
    return held in (Line.GENERAL, wanted)
