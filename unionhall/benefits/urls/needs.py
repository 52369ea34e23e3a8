"""Addresses of 职工需求征集."""

from django.urls import URLPattern, path

from ..views.needs_desk import Close, Open, Round
from ..views.needs_desk import Rounds as DeskRounds
from ..views.needs_worker import Rounds, Survey

worker: list[URLPattern] = [
    path("needs/", Rounds.as_view(), name="m_needs"),
    path("needs/<int:pk>/", Survey.as_view(), name="m_needs_round"),
]
desk: list[URLPattern] = [
    path("needs/", DeskRounds.as_view(), name="desk_needs"),
    path("needs/new/", Open.as_view(), name="desk_needs_new"),
    path("needs/<int:pk>/", Round.as_view(), name="desk_needs_round"),
    path("needs/<int:pk>/close/", Close.as_view(), name="desk_needs_close"),
]
