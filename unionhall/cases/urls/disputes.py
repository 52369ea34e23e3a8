"""Addresses of 劳动争议 and its documents, of 调解."""

from django.urls import URLPattern, path

from ..views import disputes_acts as acts
from ..views import disputes_desk as pages
from ..views import disputes_figures as figures
from ..views import disputes_filing as filing
from ..views import disputes_worker as worker_views
from ..views import mediation_desk as bodies
from ..views import mediation_partner as mine

worker: list[URLPattern] = [
    path("help/disputes/new/", filing.File.as_view(), name="m_dispute_new"),
    path("help/disputes/new/<slug:step>/", filing.File.as_view(), name="m_dispute_new_step"),
    path("help/disputes/<slug:slug>/", worker_views.Mine.as_view(), name="m_dispute"),
    path("help/disputes/<slug:slug>/done/", worker_views.Done.as_view(), name="m_dispute_done"),
    path("help/disputes/<slug:slug>/agreement/", worker_views.Sign.as_view(), name="m_dispute_sign"),
    path("help/disputes/<slug:slug>/more/", worker_views.More.as_view(), name="m_dispute_more"),
    path("help/disputes/<slug:slug>/withdraw/", worker_views.Withdraw.as_view(), name="m_dispute_withdraw"),
    path("help/disputes/<slug:slug>/rate/", worker_views.Rate.as_view(), name="m_dispute_rate"),
]
desk: list[URLPattern] = [
    path("disputes/", pages.Disputes.as_view(), name="desk_disputes"),
    path("disputes/new/", pages.NewDispute.as_view(), name="desk_dispute_new"),
    path("disputes/figures/", figures.Figures.as_view(), name="desk_dispute_figures"),
    path("disputes/<slug:slug>/facts/", acts.Facts.as_view(), name="desk_dispute_facts"),
    path("disputes/<slug:slug>/mediator/", acts.Assign.as_view(), name="desk_dispute_mediator"),
    path("disputes/<slug:slug>/session/", acts.Session.as_view(), name="desk_dispute_session"),
    path("disputes/<slug:slug>/agreement/", acts.Draft.as_view(), name="desk_dispute_agreement"),
    path("disputes/<slug:slug>/sign/", acts.PaperSign.as_view(), name="desk_dispute_sign"),
    path("disputes/<slug:slug>/confirm/", acts.Confirm.as_view(), name="desk_dispute_confirm"),
    path("disputes/<slug:slug>/pay/<int:instalment>/", acts.Pay.as_view(), name="desk_dispute_pay"),
    path("cases/<slug:slug>/documents/<slug:code>/", acts.MakeDocument.as_view(), name="desk_case_document"),
    path("mediation/", bodies.Bodies.as_view(), name="desk_mediation"),
    path("mediation/new/", bodies.NewBody.as_view(), name="desk_mediation_body_new"),
    path("mediation/<int:pk>/", bodies.BodyPage.as_view(), name="desk_mediation_body"),
    path("mediation/<int:pk>/edit/", bodies.EditBody.as_view(), name="desk_mediation_body_edit"),
    path("mediation/<int:pk>/mediators/new/", bodies.NewMediator.as_view(), name="desk_mediator_new"),
    path("mediation/mediators/<int:pk>/", bodies.EditMediator.as_view(), name="desk_mediator"),
    path("mediation/mediators/<int:pk>/leave/", bodies.Leave.as_view(), name="desk_mediator_leave"),
]
partner: list[URLPattern] = [
    path("mediations/", mine.Mine.as_view(), name="partner_mediations"),
    path("mediations/<int:pk>/", mine.Folder.as_view(), name="partner_mediation"),
    path("mediations/<int:pk>/session/", mine.Session.as_view(), name="partner_mediation_session"),
    path("mediations/<int:pk>/agreement/", mine.Draft.as_view(), name="partner_mediation_agreement"),
    path("mediations/<int:pk>/sign/", mine.PaperSign.as_view(), name="partner_mediation_sign"),
    path("mediations/<int:pk>/sign/own/", mine.OwnSign.as_view(), name="partner_mediation_sign_own"),
    path("mediations/<int:pk>/fail/", mine.Fail.as_view(), name="partner_mediation_fail"),
    path("mediations/<int:pk>/files/<int:file>/", mine.OpenFile.as_view(), name="partner_mediation_file"),
]
