"""Addresses of 医疗互助: one's own settlements and claims, the desk's files, exceptions, claims, cover."""

from django.urls import URLPattern, path

from ..views import medical_desk as desks
from ..views import medical_exceptions as people
from ..views import medical_worker as own

worker: list[URLPattern] = [
    path("benefits/medical/", own.MySettlements.as_view(), name="m_medical"),
    path("benefits/medical/<int:pk>/", own.MySettlement.as_view(), name="m_medical_line"),
    path("apply/medical_aid/", own.Apply.as_view(), name="m_medical_apply"),
]
desk: list[URLPattern] = [
    path("medical/", desks.Files.as_view(), name="desk_medical"),
    path("medical/upload/", desks.Upload.as_view(), name="desk_medical_upload"),
    path("medical/exceptions/", people.Exceptions.as_view(), name="desk_medical_exceptions"),
    path("medical/claims/", people.Claims.as_view(), name="desk_medical_claims"),
    path("medical/claims/<int:pk>/", people.ClaimPage.as_view(), name="desk_medical_claim"),
    path(
        "medical/claims/<int:pk>/papers/<int:paper>/", people.PaperFile.as_view(), name="desk_medical_paper"
    ),
    path("medical/covers/", desks.Covers.as_view(), name="desk_medical_covers"),
    path("medical/covers/new/", people.Enrol.as_view(), name="desk_medical_enrol"),
    path("medical/lines/<int:pk>/", desks.LinePage.as_view(), name="desk_medical_line"),
    path("medical/lines/<int:pk>/match/", people.Match.as_view(), name="desk_medical_match"),
    path("medical/lines/<int:pk>/accept/", people.Accept.as_view(), name="desk_medical_accept"),
    path("medical/lines/<int:pk>/dismiss/", people.Dismiss.as_view(), name="desk_medical_dismiss"),
    path("medical/lines/<int:pk>/take/", people.Take.as_view(), name="desk_medical_take"),
    path("medical/<int:pk>/", desks.FilePage.as_view(), name="desk_medical_file"),
    path("medical/<int:pk>/progress/", desks.FileProgress.as_view(), name="desk_medical_progress"),
    path("medical/<int:pk>/faults/", desks.FaultList.as_view(), name="desk_medical_faults"),
    path("medical/<int:pk>/start/", desks.Start.as_view(), name="desk_medical_start"),
    path("medical/<int:pk>/restart/", desks.Restart.as_view(), name="desk_medical_restart"),
]
