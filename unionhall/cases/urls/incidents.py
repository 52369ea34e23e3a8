"""Addresses of incidents."""

from django.urls import URLPattern, path

from ..views import incidents_acts as acts
from ..views import incidents_desk as pages

desk: list[URLPattern] = [
    path("incidents/", pages.Incidents.as_view(), name="desk_incidents"),
    path("incidents/new/", acts.Report.as_view(), name="desk_incident_new"),
    path("incidents/photos/<int:pk>/", pages.Photo.as_view(), name="desk_incident_photo"),
    path("incidents/opinions/<int:pk>/answer/", acts.AnswerOpinion.as_view(), name="desk_incident_answer"),
    path(
        "incidents/releases/<int:pk>/<slug:verb>/", acts.OnRelease.as_view(), name="desk_incident_release_act"
    ),
    path("incidents/<slug:slug>/", pages.Room.as_view(), name="desk_incident"),
    path("incidents/<slug:slug>/wall/", pages.Wall.as_view(), name="desk_incident_wall"),
    path("incidents/<slug:slug>/report/", acts.ReportWarning.as_view(), name="desk_incident_report"),
    path("incidents/<slug:slug>/move/<slug:code>/", acts.MoveOn.as_view(), name="desk_incident_move"),
    path("incidents/<slug:slug>/log/", acts.Log.as_view(), name="desk_incident_log"),
    path("incidents/<slug:slug>/grade/", acts.Regrade.as_view(), name="desk_incident_grade"),
    path("incidents/<slug:slug>/duty/", acts.Duty.as_view(), name="desk_incident_duty"),
    path("incidents/<slug:slug>/opinion/", acts.Collect.as_view(), name="desk_incident_opinion"),
    path("incidents/<slug:slug>/talk/", acts.Talk.as_view(), name="desk_incident_talk"),
    path("incidents/<slug:slug>/agreement/", acts.Agree.as_view(), name="desk_incident_agreement"),
    path("incidents/<slug:slug>/performed/", acts.Performed.as_view(), name="desk_incident_performed"),
    path("incidents/<slug:slug>/release/", acts.DraftRelease.as_view(), name="desk_incident_release"),
    path("incidents/<slug:slug>/review/", acts.Review.as_view(), name="desk_incident_review"),
]
