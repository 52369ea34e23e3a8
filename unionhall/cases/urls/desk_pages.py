"""Addresses that every kind of case shares at the desk."""

from django.urls import URLPattern, path

from ..views import cases_acts as acts
from ..views import cases_desk, cases_list, exporting

desk: list[URLPattern] = [
    path("cases/", cases_list.CaseList.as_view(), name="desk_cases"),
    path("cases/batch/", cases_list.Batch.as_view(), name="desk_cases_batch"),
    path("cases/exports/", exporting.Exports.as_view(), name="desk_cases_exports"),
    path("cases/exports/new/", exporting.AskExport.as_view(), name="desk_cases_export_new"),
    path("cases/exports/<int:pk>/", exporting.Progress.as_view(), name="desk_cases_export"),
    path("cases/exports/<int:pk>/download/", exporting.Download.as_view(), name="desk_cases_export_download"),
    path("cases/<slug:slug>/", cases_desk.CasePage.as_view(), name="desk_case"),
    path("cases/<slug:slug>/assign/", acts.Assign.as_view(), name="desk_case_assign"),
    path("cases/<slug:slug>/hand-over/", acts.HandOver.as_view(), name="desk_case_hand_over"),
    path("cases/<slug:slug>/link/", acts.Link.as_view(), name="desk_case_link"),
    path("cases/<slug:slug>/note/", acts.Note.as_view(), name="desk_case_note"),
    path("cases/<slug:slug>/files/new/", acts.AddFile.as_view(), name="desk_case_file_new"),
    path("cases/<slug:slug>/files/<int:file>/", acts.OpenFile.as_view(), name="desk_case_file"),
    path("cases/<slug:slug>/grade/", acts.Grade.as_view(), name="desk_case_grade"),
    path("cases/<slug:slug>/contact/", acts.RevealContact.as_view(), name="desk_case_contact"),
    path(
        "cases/<slug:slug>/parties/<int:party>/<slug:what>/",
        acts.RevealParty.as_view(),
        name="desk_case_party",
    ),
]
