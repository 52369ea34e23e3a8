"""Addresses of the entrances."""

from django.urls import URLPattern, path

from .views import demo, home, settings
from .views import ops as operations
from .views import public as front
from .views import worker as own

public: list[URLPattern] = [
    path("", front.PublicHome.as_view(), name="public_home"),
    path("privacy/", front.Privacy.as_view(), name="public_privacy"),
    path("accessibility/", front.Accessibility.as_view(), name="public_accessibility"),
    path("demo/", demo.Demo.as_view(), name="demo"),
    path("demo/sign-in/<str:username>/", demo.DemoSignIn.as_view(), name="demo_sign_in"),
    path("demo/roster.xlsx", demo.SampleRoster.as_view(), name="demo_roster"),
    path("demo/gallery/", demo.Gallery.as_view(), name="demo_gallery"),
    path("demo/gallery/worker/", demo.WorkerGallery.as_view(), name="demo_gallery_worker"),
]
worker: list[URLPattern] = [
    path("", own.Home.as_view(), name="m_home"),
    path("matters/", own.Matters.as_view(), name="m_matters"),
    path("messages/", own.Messages.as_view(), name="m_messages"),
    path("messages/<int:pk>/", own.OneMessage.as_view(), name="m_message"),
    path("profile/", own.Me.as_view(), name="m_me"),
    path("profile/data/", own.OwnData.as_view(), name="m_own_data"),
    path("elder/", own.Elder.as_view(), name="m_elder"),
]
desk: list[URLPattern] = [
    path("", home.DeskHome.as_view(), name="desk_home"),
    path("settings/", settings.Settings.as_view(), name="desk_settings"),
    path("settings/holidays/", settings.Holidays.as_view(), name="desk_holidays"),
    path("settings/holidays/new/", settings.HolidayCreate.as_view(), name="desk_holiday_new"),
    path("settings/holidays/<str:pk>/", settings.HolidayUpdate.as_view(), name="desk_holiday"),
    path("settings/holidays/<str:pk>/remove/", settings.HolidayRemove.as_view(), name="desk_holiday_remove"),
]
partner: list[URLPattern] = [path("", home.PartnerHome.as_view(), name="partner_home")]
ops: list[URLPattern] = [
    path("", operations.OpsHome.as_view(), name="ops_home"),
    path("verify/", operations.VerifyJournal.as_view(), name="ops_verify"),
    path("jobs/<int:job>/retry/", operations.RetryJob.as_view(), name="ops_retry"),
]
