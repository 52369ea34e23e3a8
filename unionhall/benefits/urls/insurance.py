"""Addresses of 保险承办机构: their own rolls and files, and the desk that registers them."""

from django.urls import URLPattern, path

from ..views import insurance_partner as own
from ..views import insurers_desk as desks

partner: list[URLPattern] = [
    path("insurance/", own.Rolls.as_view(), name="partner_insurance"),
    path("insurance/rolls/<int:pk>/", own.DownloadRoll.as_view(), name="partner_roll_download"),
    path("insurance/files/", own.Files.as_view(), name="partner_settlements"),
    path("insurance/files/new/", own.Upload.as_view(), name="partner_settlement_new"),
    path("insurance/files/<int:pk>/", own.FilePage.as_view(), name="partner_settlement"),
    path("insurance/files/<int:pk>/progress/", own.Progress.as_view(), name="partner_settlement_progress"),
    path("insurance/files/<int:pk>/faults/", own.Faults.as_view(), name="partner_settlement_faults"),
]
desk: list[URLPattern] = [
    path("cover/insurers/", desks.Insurers.as_view(), name="desk_insurers"),
    path("cover/insurers/new/", desks.NewInsurer.as_view(), name="desk_insurer_new"),
    path("cover/insurers/<int:pk>/", desks.InsurerPage.as_view(), name="desk_insurer"),
    path("cover/insurers/<int:pk>/edit/", desks.EditInsurer.as_view(), name="desk_insurer_edit"),
    path("cover/insurers/<int:pk>/seats/new/", desks.NewSeat.as_view(), name="desk_insurer_seat_new"),
    path("cover/insurers/seats/<int:pk>/end/", desks.EndSeat.as_view(), name="desk_insurer_seat_end"),
]
