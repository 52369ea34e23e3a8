"""The list of records behind a figure, with the figure's own filters."""

from datetime import date

from unionhall.foundation.scope import Access
from unionhall.indicators.registry import Indicator
from unionhall.members.finding import NOTHING_ENTERED
from unionhall.organisations.models import Organisation
from unionhall.organisations.views.browsing import address

from .disclosure import holds_throughout

__all__ = ["NOTHING_ENTERED", "records_url"]
PERMISSIONS = {
    "desk_members": "members.view",
    "desk_orgs": "organisations.view",
    "desk_cases": "cases.appeals",
    "desk_figures_employers": "organisations.figures",
    "desk_network": "network.view",
    "window_intakes": "window.view",
    "window_waits": "window.view",
}


def records_url(one: Indicator, access: Access, union: Organisation, day: date | None, **more: str) -> str:
    """Its address for a union; "" where there is no list, or the reader may not see every record of the subtree."""
    permission = PERMISSIONS.get(one.list_name)
    if permission is None:
        return ""
    if not holds_throughout(access, permission, union):
        return ""
    on = {"on": f"{day:%Y-%m-%d}"} if day else {}
    return address(one.list_name, **({"under": union.code} | dict(one.list_query) | more | on))
