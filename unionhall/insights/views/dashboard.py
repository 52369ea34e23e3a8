"""/desk/figures/: from the province down to one enterprise, as of any day, every figure with its list behind it."""

from datetime import timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from unionhall.foundation.panels import panels
from unionhall.foundation.views import Page
from unionhall.organisations.forms import find_union
from unionhall.organisations.kinds import Kind
from unionhall.organisations.models import Organisation
from unionhall.organisations.views.browsing import AsOf, address

from .. import board, drilling


class OfUnion(AsOf, Page):
    """A page about the figures of one union (`?under=`; without it the highest that the reader sees), as of a day."""

    permission = "organisations.figures"

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
    def board(self) -> board.Board:
        where = drilling.place(self.organisation, self.access, self.day)
        return board.Board(where, sort=self.request.GET.get("sort", ""))

    @property
    def query(self) -> str:
        """The union and the day, for the addresses of the page's other forms."""
        return self.board.drill(self.organisation.code)

    def context(self) -> dict[str, Any]:
        return {
            "object": self.organisation,
            "board": self.board,
            "day": self.day,
            "shown_day": self.shown_day,
            "query": self.query,
        }


class Figures(OfUnion):
    """Tiles, course, map, unions below and breakdowns."""

    template_name = "insights/figures.html"
    wrong_union = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        text = request.GET.get("union", "").strip()
        if text:
            try:
                found = find_union(text, self.access)
            except forms.ValidationError as wrong:
                self.wrong_union = "".join(wrong.messages)
            else:
                on = {"on": f"{self.day:%Y-%m-%d}"} if self.day else {}
                return redirect(f"{reverse('desk_figures')}?{urlencode({'under': found.code} | on)}")
        return super().get(request, *args, **kwargs)

    @property
    def is_slow(self) -> bool:
        """Whether breakdowns are counted from the records: they come after the page."""
        return self.day is not None or self.organisation.kind == Kind.INDUSTRY

    def context(self) -> dict[str, Any]:
        found, below = super().context(), self.board.below()
        on = {"on": f"{self.day:%Y-%m-%d}"} if self.day else {}
        return found | {
            "crumb_chain": self._above(),
            "tiles": self.board.tiles(),
            "beside": panels("figures.beside", self.request, self.organisation, self.day),
            "option": self.board.chart(),
            "course_table": self.board.course_table(),
            "places": self.board.places(),
            "heads": self.board.heads(),
            "children": below[: board.SHOWN],
            "children_total": len(below),
            "children_url": address("desk_orgs", under=self.organisation.code, **on)
            if len(below) > board.SHOWN and self.access.prefixes("organisations.view")
            else "",
            "shown": board.SHOWN,
            "breakdowns": None if self.is_slow else self.board.breakdowns(),
            "days": self._days(),
            "asked_union": self.request.GET.get("union", ""),
            "wrong_union": self.wrong_union,
            "org_url": reverse("desk_org", args=[self.organisation.code]) + self.day_query,
        }

    def _above(self) -> list[dict[str, str]]:
        """Unions above whose figures the reader may see too."""
        rows = Organisation.objects.visible_to(self.access, to=self.permission)
        above = rows.filter(path__in=self.organisation.ancestor_paths()).order_by("path")
        return [{"name": row.short_name or row.name, "url": self.board.drill(row.code)} for row in above]

    def _days(self) -> list[dict[str, Any]]:
        """Days that are asked for often."""
        today = timezone.localdate()
        month = today.replace(day=1) - timedelta(days=1)
        year = today.replace(month=1, day=1) - timedelta(days=1)
        found = [("今天", None), ("上月末", month)] + ([] if year == month else [("上年末", year)])
        return [
            {
                "label": label,
                "url": "?"
                + urlencode({"under": self.organisation.code} | ({"on": f"{day:%Y-%m-%d}"} if day else {})),
                "current": day == self.day,
            }
            for label, day in found
        ]


class Breakdowns(OfUnion):
    """The breakdowns alone: a part of the page, or without JavaScript a page of its own."""

    template_name = "insights/breakdowns.html"

    def get_template_names(self) -> list[str]:
        return (
            ["insights/breakdown_cards.html"]
            if self.request.headers.get("HX-Request")
            else [self.template_name]
        )

    def context(self) -> dict[str, Any]:
        return super().context() | {"breakdowns": self.board.breakdowns()}


class Printed(OfUnion):
    """Everything on paper, without JavaScript."""

    template_name = "insights/figures_print.html"

    def context(self) -> dict[str, Any]:
        return super().context() | {
            "tiles": self.board.tiles(),
            "option": self.board.chart(),
            "course_table": self.board.course_table(),
            "heads": self.board.heads(),
            "children": self.board.below(),
            "breakdowns": self.board.breakdowns(),
        }
