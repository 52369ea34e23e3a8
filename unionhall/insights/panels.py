"""Figures that insights puts on the pages of the rooms below."""

from datetime import date

from django.http import HttpRequest

from unionhall.foundation.panels import Panel, panel
from unionhall.indicators import registry
from unionhall.organisations.models import Organisation
from unionhall.organisations.views.browsing import address

from . import drilling
from .disclosure import Disclosure
from .records import records_url

MEMBERS = ("members.count", "members.women", "members.migrant", "members.new_form")


@panel("organisation.figures")
def members_of_union(request: HttpRequest, organisation: Organisation, day: date | None) -> Panel | None:
    """Members of the union and all below it, each leading to the list behind it, else to the figures page."""
    actor, access = request.actor, request.access  # type: ignore[attr-defined]
    if not actor.may("organisations.figures", *organisation.paths):
        return None
    found = Disclosure(drilling.place(organisation, access, day)).values(MEMBERS)
    on = {"on": f"{day:%Y-%m-%d}"} if day else {}
    beyond = address("desk_figures", under=organisation.code, **on)
    tiles = []
    for code in MEMBERS:
        one = registry.get(code)
        behind = records_url(one, access, organisation, day) if found[code] else ""
        tiles.append({"label": one.title, "value": found[code], "unit": one.unit, "url": behind or beyond})
    return Panel("insights/tiles_panel.html", {"tiles": tiles})


NETWORK = (
    "network.nodes",
    "network.streets_served",
    "network.cells_staffed",
    "network.items",
    "network.items_late",
)


@panel("figures.beside")
def network_of_union(request: HttpRequest, organisation: Organisation, day: date | None) -> Panel | None:
    """Stations and the grid of the union and all below it, as they are today."""
    access = request.access  # type: ignore[attr-defined]
    if day is not None or not access.prefixes("network.view"):
        return None
    found = registry.values(NETWORK, drilling.place(organisation, access))
    tiles = []
    for code in NETWORK:
        one = registry.get(code)
        url = records_url(one, access, organisation, None) if found[code] else ""
        hot = code == "network.items_late" and bool(found[code])
        tiles.append({"label": one.title, "value": found[code], "unit": one.unit, "url": url, "hot": hot})
    more = address("desk_network_coverage", under=organisation.code)
    return Panel("insights/beside_panel.html", {"title": "服务站点和网格", "tiles": tiles, "url": more})
