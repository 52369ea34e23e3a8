"""Figures of windows beside those of a union's members."""

from datetime import date

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from unionhall.foundation.panels import Panel, panel
from unionhall.indicators import registry
from unionhall.insights import drilling
from unionhall.insights.disclosure import Disclosure
from unionhall.insights.records import records_url
from unionhall.organisations.models import Organisation

CODES = (
    "window.intakes",
    "window.intakes_done",
    "window.intakes_told",
    "window.called",
    "window.average_wait",
)


@panel("figures.beside")
def windows_of_union(request: HttpRequest, organisation: Organisation, day: date | None) -> Panel | None:
    """This year's windows of the union and all below it."""
    access = request.access  # type: ignore[attr-defined]
    if day is not None or not access.prefixes("window.view"):
        return None
    found = Disclosure(drilling.place(organisation, access)).values(CODES)
    tiles = []
    for code in CODES:
        one = registry.get(code)
        url = records_url(one, access, organisation, None) if found[code] else ""
        tiles.append({"label": one.title, "value": found[code], "unit": one.unit, "url": url})
    more = f"{reverse('window_figures')}?{urlencode({'under': str(organisation.code)})}"
    return Panel("insights/beside_panel.html", {"title": "一站式窗口（今年）", "tiles": tiles, "url": more})
