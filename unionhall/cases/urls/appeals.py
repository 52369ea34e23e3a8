"""Addresses of appeals."""

from django.urls import URLPattern, path

from ..views import appeals_desk as desk_views
from ..views import appeals_hotline as hotline
from ..views import appeals_mine as mine
from ..views import appeals_public as front
from ..views import appeals_worker as own

public: list[URLPattern] = [
    path("feedback/", front.Feedback.as_view(), name="public_feedback"),
    path("feedback/done/", front.FeedbackDone.as_view(), name="public_feedback_done"),
    path("feedback/open/", front.Open.as_view(), name="public_feedback_open"),
    path("feedback/case/", front.Opened.as_view(), name="public_feedback_case"),
]
worker: list[URLPattern] = [
    path("help/", own.Help.as_view(), name="m_help"),
    path("help/what/", own.What.as_view(), name="m_help_what"),
    path("help/where/", own.Where.as_view(), name="m_help_where"),
    path("help/who/", own.Who.as_view(), name="m_help_who"),
    path("help/check/", own.Check.as_view(), name="m_help_check"),
    path("help/done/", own.Done.as_view(), name="m_help_done"),
    path("help/<slug:slug>/", mine.MyCase.as_view(), name="m_help_case"),
    path("help/<slug:slug>/rate/", mine.Rate.as_view(), name="m_help_rate"),
    path("help/<slug:slug>/more/", mine.More.as_view(), name="m_help_more"),
    path("help/<slug:slug>/withdraw/", mine.Withdraw.as_view(), name="m_help_withdraw"),
    path("help/<slug:slug>/files/<int:file>/", mine.MyFile.as_view(), name="m_help_file"),
]
desk: list[URLPattern] = [
    path("appeals/new/", desk_views.Register.as_view(), name="desk_appeal_new"),
    path("appeals/hotline/", hotline.Lists.as_view(), name="desk_hotline"),
    path("appeals/hotline/new/", hotline.Upload.as_view(), name="desk_hotline_new"),
    path("appeals/hotline/<int:pk>/", hotline.ListPage.as_view(), name="desk_hotline_list"),
    path("appeals/hotline/<int:pk>/progress/", hotline.ListProgress.as_view(), name="desk_hotline_progress"),
    path("appeals/hotline/<int:pk>/discard/", hotline.Discard.as_view(), name="desk_hotline_discard"),
    path("appeals/hotline/<int:pk>/faults/", hotline.Faults.as_view(), name="desk_hotline_faults"),
    path("cases/<slug:slug>/merge/", desk_views.Merge.as_view(), name="desk_appeal_merge"),
]
