"""Addresses of 我能享受, 办事指南 and the overview at the desk."""

from django.urls import URLPattern, path

from ..views.entitlements_desk import Overview, TellNow
from ..views.entitlements_public import Service, Services
from ..views.entitlements_worker import MyBenefit, MyBenefits

public: list[URLPattern] = [
    path("services/", Services.as_view(), name="public_services"),
    path("services/<slug:programme>/", Service.as_view(), name="public_service"),
]
worker: list[URLPattern] = [
    path("benefits/", MyBenefits.as_view(), name="m_benefits"),
    path("benefits/<slug:programme>/", MyBenefit.as_view(), name="m_benefit"),
]
desk: list[URLPattern] = [
    path("benefits/", Overview.as_view(), name="desk_benefits"),
    path("benefits/tell/", TellNow.as_view(), name="desk_benefits_tell"),
]
