"""Addresses of the figures."""

from django.urls import URLPattern, path

from .views.dashboard import Breakdowns, Figures, Printed
from .views.employers import Employers
from .views.exporting import Export
from .views.wall import Wall, WallPart

desk: list[URLPattern] = [
    path("figures/", Figures.as_view(), name="desk_figures"),
    path("figures/breakdowns/", Breakdowns.as_view(), name="desk_figures_breakdowns"),
    path("figures/employers/", Employers.as_view(), name="desk_figures_employers"),
    path("figures/print/", Printed.as_view(), name="desk_figures_print"),
    path("figures/export/", Export.as_view(), name="desk_figures_export"),
]
screen: list[URLPattern] = [
    path("", Wall.as_view(), name="screen"),
    path("figures/", WallPart.as_view(), name="screen_figures"),
]
