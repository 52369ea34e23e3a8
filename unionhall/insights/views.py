"""/desk/figures/: from the province down to one enterprise, as of any day, every figure with its list behind it."""

from functools import cached_property
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode

from unionhall.foundation.views import Page
from unionhall.indicators import registry
from unionhall.organisations.models import Organisation
from unionhall.organisations.views.browsing import AsOf, address

from . import drilling
from .records import records_url

TILES = (
    "members.count",
    "organisations.unions",
    "organisations.base_unions",
    "organisations.employers",
    "organisations.employees",
    "members.women",
    "members.migrant",
    "members.new_form",
    "organisations.terms_ended",
)
COLUMNS = (
    "members.count",
    "members.women",
    "members.migrant",
    "members.new_form",
    "organisations.base_unions",
    "organisations.employers",
    "organisations.terms_ended",
)
#: Rows of the table of unions below; the list of unions has the rest.
SHOWN = 200


class Figures(AsOf, Page):
    """Tiles, breakdowns of the members, and a row for every union below."""

    permission = "organisations.figures"
    template_name = "insights/figures.html"

    @cached_property
    def organisation(self) -> Organisation:
        code = self.request.GET.get("under", "").strip().upper()
        if not code:
            found = drilling.top_for(self.access)
        else:
            rows = Organisation.objects.visible_to(self.access, to=self.permission)
            found = rows.filter(code=code).first()
        if found is None:
            raise Http404
        return found

    @cached_property
    def where(self) -> drilling.Place:
        return drilling.place(self.organisation, self.access, self.day)

    def context(self) -> dict[str, Any]:
        one, children = self.organisation, self._children()
        return {
            "object": one,
            "day": self.day,
            "shown_day": self.shown_day,
            "crumb_chain": self._above(),
            "tiles": self._tiles(),
            "breakdowns": self._breakdowns(),
            "columns": [registry.get(code) for code in COLUMNS],
            "children": children[:SHOWN],
            "children_total": len(children),
            "children_url": address(
                "desk_orgs", under=one.code, **({"on": f"{self.day:%Y-%m-%d}"} if self.day else {})
            )
            if len(children) > SHOWN and self.access.prefixes("organisations.view")
            else "",
            "shown": SHOWN,
            "industry": any(child["beside"] for child in children),
            "definitions": [registry.get(code) for code in TILES],
            "org_url": reverse("desk_org", args=[one.code]) + self.day_query,
        }

    def _above(self) -> list[dict[str, str]]:
        """Unions above whose figures the actor may see too."""
        rows = Organisation.objects.visible_to(self.access, to=self.permission)
        above = rows.filter(path__in=self.organisation.ancestor_paths()).order_by("path")
        return [{"name": row.short_name or row.name, "url": self._drill(row.code)} for row in above]

    def _drill(self, code: str) -> str:
        return "?" + urlencode({"under": code} | ({"on": f"{self.day:%Y-%m-%d}"} if self.day else {}))

    def _records(self, one: registry.Indicator, code: str, **more: str) -> str:
        return records_url(one, self.access, code, self.day, **more)

    def _tiles(self) -> list[dict[str, Any]]:
        now = registry.values(TILES, self.where)
        before = registry.values(TILES, drilling.year_before(self.where))
        found = []
        for code in TILES:
            one, difference = registry.get(code), now[code] - before[code]
            found.append(
                {
                    "label": one.title,
                    "value": now[code],
                    "unit": one.unit,
                    "note": f"比上年同日 {difference:+,d}" if difference else "与上年同日持平",
                    "trend": "up" if difference > 0 else "down" if difference < 0 else "",
                    "url": self._records(one, self.organisation.code),
                    "hot": code == "organisations.terms_ended" and now[code] > 0,
                    "definition": one.definition,
                }
            )
        return found

    def _breakdowns(self) -> list[dict[str, Any]]:
        one = registry.get("members.count")
        found = []
        for dimension in one.dimensions:
            rows = registry.breakdown(one.code, self.where, dimension.code)
            found.append(
                {
                    "title": dimension.title,
                    "rows": [
                        {
                            "label": dimension.labels.get(key, dimension.unknown),
                            "value": count,
                            "url": self._records(one, self.organisation.code, **{dimension.parameter: key})
                            if key
                            else "",
                        }
                        for key, count in rows
                    ],
                }
            )
        return found

    def _children(self) -> list[dict[str, Any]]:
        return [
            {
                "name": row.name,
                "beside": row.beside,
                "url": self._drill(row.organisation.code),
                "cells": [
                    {
                        "value": row.figures[code],
                        "url": self._records(registry.get(code), row.organisation.code)
                        if row.figures[code]
                        else "",
                        "title": registry.get(code).title,
                    }
                    for code in COLUMNS
                ],
            }
            for row in drilling.by_child(COLUMNS, self.where)
        ]
