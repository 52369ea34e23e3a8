"""Addresses of the figures."""

from django.urls import URLPattern, path

from .views import Figures

desk: list[URLPattern] = [path("figures/", Figures.as_view(), name="desk_figures")]
