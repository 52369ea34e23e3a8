"""Addresses of organising's pages."""

from django.urls import URLPattern, path

from .views import admission

worker: list[URLPattern] = [
    path("join/", admission.Start.as_view(), name="m_join"),
    path("join/consent/", admission.Consent.as_view(), name="m_join_consent"),
    path("join/identity/", admission.Who.as_view(), name="m_join_identity"),
    path("join/employer/", admission.WorksAt.as_view(), name="m_join_employer"),
    path("join/local/", admission.Local.as_view(), name="m_join_local"),
    path("join/job/", admission.Job.as_view(), name="m_join_job"),
    path("join/check/", admission.Check.as_view(), name="m_join_check"),
    path("join/done/<slug:number>/", admission.Done.as_view(), name="m_join_done"),
    path("join/done/<slug:number>/print/", admission.Receipt.as_view(), name="m_join_receipt"),
]
desk: list[URLPattern] = []
