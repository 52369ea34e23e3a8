"""Addresses of 部门联动."""

from django.urls import URLPattern, path

from ..views import referrals_desk as desk_views
from ..views import referrals_partner as folder

desk: list[URLPattern] = [
    path("referrals/", desk_views.Referrals.as_view(), name="desk_referrals"),
    path("referrals/<int:pk>/end/", desk_views.EndReferral.as_view(), name="desk_referral_end"),
    path("cases/<slug:slug>/refer/", desk_views.Refer.as_view(), name="desk_case_refer"),
    path("partners/", desk_views.Partners.as_view(), name="desk_partners"),
    path("partners/new/", desk_views.NewPartner.as_view(), name="desk_partner_new"),
    path("partners/<int:pk>/", desk_views.PartnerPage.as_view(), name="desk_partner"),
    path("partners/<int:pk>/edit/", desk_views.EditPartner.as_view(), name="desk_partner_edit"),
    path("partners/<int:pk>/seats/new/", desk_views.NewSeat.as_view(), name="desk_seat_new"),
    path("partners/seats/<int:pk>/end/", desk_views.EndSeat.as_view(), name="desk_seat_end"),
]
partner: list[URLPattern] = [
    path("referrals/", folder.Inbox.as_view(), name="partner_referrals"),
    path("referrals/<int:pk>/", folder.Folder.as_view(), name="partner_referral"),
    path("referrals/<int:pk>/accept/", folder.Accept.as_view(), name="partner_referral_accept"),
    path("referrals/<int:pk>/return/", folder.GiveBack.as_view(), name="partner_referral_return"),
    path("referrals/<int:pk>/reply/", folder.Reply.as_view(), name="partner_referral_reply"),
    path("referrals/<int:pk>/files/new/", folder.AddFile.as_view(), name="partner_referral_file_new"),
    path("referrals/<int:pk>/files/<int:item>/", folder.OpenItem.as_view(), name="partner_referral_file"),
]
