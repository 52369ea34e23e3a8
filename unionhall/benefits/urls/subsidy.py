"""Addresses of 助推补贴."""

from django.urls import URLPattern, path

from ..views.subsidy_desk import Application, Applications, Publish
from ..views.subsidy_worker import Apply, Mine

worker: list[URLPattern] = [
    path("apply/career_subsidy/", Apply.as_view(), name="m_subsidy_apply"),
    path("benefits/subsidy/", Mine.as_view(), name="m_subsidy"),
]
desk: list[URLPattern] = [
    path("subsidy/", Applications.as_view(), name="desk_subsidy"),
    path("subsidy/publish/", Publish.as_view(), name="desk_subsidy_publish"),
    path("subsidy/<int:pk>/", Application.as_view(), name="desk_subsidy_application"),
]
