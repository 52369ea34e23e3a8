"""Addresses of public notices and bulletins."""

from django.urls import URLPattern, path

from .views import desk as officers
from .views.objecting import Object, ObjectionProgress
from .views.public import Feed, NoticePage, NoticePrint, Notices
from .views.reading import BulletinPage, News, Policies, Published
from .views.settling import Contact, Objections, Settle
from .views.writing import BulletinPage as DeskBulletin
from .views.writing import Bulletins, Publish, Revise, TakeDown, Write

public: list[URLPattern] = [
    path("notices/", Notices.as_view(), name="public_notices"),
    path("notices/feed/", Feed.as_view(), name="public_notices_feed"),
    path("notices/objections/", ObjectionProgress.as_view(), name="public_objection"),
    path("notices/<slug:slug>/", NoticePage.as_view(), name="public_notice"),
    path("notices/<slug:slug>/print/", NoticePrint.as_view(), name="public_notice_print"),
    path("notices/<slug:slug>/object/", Object.as_view(), name="public_notice_object"),
    path("announcements/", Published.as_view(), name="public_announcements"),
    path("announcements/<slug:slug>/", BulletinPage.as_view(), name="public_bulletin"),
    path("policies/", Policies.as_view(), name="public_policies"),
    path("news/", News.as_view(), name="public_news"),
]
desk: list[URLPattern] = [
    path("bulletins/", officers.Notices.as_view(), name="desk_notices"),
    path("bulletins/new/", officers.New.as_view(), name="desk_notice_new"),
    path("bulletins/<int:pk>/", officers.NoticePage.as_view(), name="desk_notice"),
    path("bulletins/<int:pk>/release/", officers.Release.as_view(), name="desk_notice_release"),
    path("bulletins/<int:pk>/discard/", officers.Discard.as_view(), name="desk_notice_discard"),
    path("bulletins/<int:pk>/stop/", officers.Stop.as_view(), name="desk_notice_stop"),
    path("bulletins/objections/", Objections.as_view(), name="desk_objections"),
    path("bulletins/objections/<int:pk>/", Settle.as_view(), name="desk_objection"),
    path("bulletins/objections/<int:pk>/contact/", Contact.as_view(), name="desk_objection_contact"),
    path("bulletins/texts/", Bulletins.as_view(), name="desk_bulletins"),
    path("bulletins/texts/new/", Write.as_view(), name="desk_bulletin_new"),
    path("bulletins/texts/<int:pk>/", DeskBulletin.as_view(), name="desk_bulletin"),
    path("bulletins/texts/<int:pk>/edit/", Revise.as_view(), name="desk_bulletin_edit"),
    path("bulletins/texts/<int:pk>/publish/", Publish.as_view(), name="desk_bulletin_publish"),
    path("bulletins/texts/<int:pk>/take-down/", TakeDown.as_view(), name="desk_bulletin_take_down"),
]
