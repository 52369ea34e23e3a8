"""The list of records behind a figure, with the figure's own filters."""

from datetime import date

from unionhall.foundation.scope import Access
from unionhall.indicators.registry import Indicator
from unionhall.organisations.views.browsing import address

PERMISSIONS = {"desk_members": "members.view", "desk_orgs": "organisations.view"}


def records_url(one: Indicator, access: Access, code: str, day: date | None, **more: str) -> str:
    """Its address for the union with a code; "" where there is no list or its permission is lacking."""
    permission = PERMISSIONS.get(one.list_name)
    if permission is None or not access.prefixes(permission):
        return ""
    on = {"on": f"{day:%Y-%m-%d}"} if day else {}
    return address(one.list_name, **({"under": code} | dict(one.list_query) | more | on))
