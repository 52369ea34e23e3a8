"""Addresses of 助推补贴."""

from django.urls import URLPattern, path

from ..views.certificates_desk import Errors, Look, Upload
from ..views.contests_desk import RegisterContest
from ..views.subsidy_desk import Application, Applications, Publish
from ..views.subsidy_worker import Apply, Mine

worker: list[URLPattern] = [
    path("apply/career_subsidy/", Apply.as_view(), name="m_subsidy_apply"),
    path("benefits/subsidy/", Mine.as_view(), name="m_subsidy"),
]
desk: list[URLPattern] = [
    path("subsidy/", Applications.as_view(), name="desk_subsidy"),
    path("subsidy/certificates/", Upload.as_view(), name="desk_certificates"),
    path("subsidy/certificates/<int:pk>/", Look.as_view(), name="desk_certificates_look"),
    path("subsidy/certificates/<int:pk>/errors/", Errors.as_view(), name="desk_certificates_errors"),
    path("subsidy/contests/", RegisterContest.as_view(), name="desk_subsidy_contest"),
    path("subsidy/publish/", Publish.as_view(), name="desk_subsidy_publish"),
    path("subsidy/<int:pk>/", Application.as_view(), name="desk_subsidy_application"),
]
