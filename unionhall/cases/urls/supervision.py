"""Addresses of supervision and of transfers to other federations."""

from django.urls import URLPattern, path

from ..views import supervision_desk as pages
from ..views import transfers_desk as away

desk: list[URLPattern] = [
    path("supervision/", pages.Overview.as_view(), name="desk_supervision"),
    path("supervision/overdue/", pages.Overdue.as_view(), name="desk_supervision_overdue"),
    path("supervision/notes/", pages.Notes.as_view(), name="desk_supervision_notes"),
    path("supervision/new/<slug:slug>/", pages.Issue.as_view(), name="desk_supervision_new"),
    path("supervision/notes/<slug:slug>/", pages.NotePage.as_view(), name="desk_supervision_note"),
    path("supervision/notes/<slug:slug>/reply/", pages.Reply.as_view(), name="desk_supervision_reply"),
    path("supervision/notes/<slug:slug>/settle/", pages.Settle.as_view(), name="desk_supervision_settle"),
    path(
        "supervision/notes/<slug:slug>/withdraw/", pages.Withdraw.as_view(), name="desk_supervision_withdraw"
    ),
    path("case-transfers/", away.Transfers.as_view(), name="desk_case_transfers"),
    path("case-transfers/take/", away.Take.as_view(), name="desk_case_transfer_take"),
    path("case-transfers/receipt/", away.TakeReceipt.as_view(), name="desk_case_transfer_receipt_take"),
    path("case-transfers/<int:pk>/receipt/", away.Receipt.as_view(), name="desk_case_transfer_receipt"),
    path("case-transfers/send/<slug:slug>/", away.Send.as_view(), name="desk_case_transfer_send"),
]
