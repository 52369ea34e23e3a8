"""Addresses of 法律援助, of lawyers and the firms they serve."""

from django.urls import URLPattern, path

from ..views import aid_acts as acts
from ..views import aid_applying as applying
from ..views import aid_desk as pages
from ..views import aid_partner as mine
from ..views import aid_worker as own
from ..views import lawyers_bodies as bodies
from ..views import lawyers_counsel as counsel
from ..views import lawyers_desk as rosters

worker: list[URLPattern] = [
    path("help/aid/new/", applying.Apply.as_view(), name="m_aid_new"),
    path("help/aid/new/<slug:step>/", applying.Apply.as_view(), name="m_aid_new_step"),
    path("help/aid/<slug:slug>/", own.MyLawyer.as_view(), name="m_aid"),
    path("help/aid/<slug:slug>/done/", own.Done.as_view(), name="m_aid_done"),
    path("help/aid/<slug:slug>/<slug:verb>/", own.MyAct.as_view(), name="m_aid_act"),
]
desk: list[URLPattern] = [
    path("aid/", pages.Requests.as_view(), name="desk_aid"),
    path("aid/from/<slug:slug>/", acts.FromCase.as_view(), name="desk_aid_from"),
    path("aid/bodies/", bodies.Bodies.as_view(), name="desk_aid_bodies"),
    path("aid/bodies/new/", bodies.NewBody.as_view(), name="desk_aid_body_new"),
    path("aid/bodies/<int:pk>/", bodies.BodyPage.as_view(), name="desk_aid_body"),
    path("aid/bodies/<int:pk>/edit/", bodies.EditBody.as_view(), name="desk_aid_body_edit"),
    path("aid/bodies/<int:pk>/duty/", bodies.Duty.as_view(), name="desk_aid_body_duty"),
    path("aid/bodies/<int:pk>/close/", bodies.CloseBody.as_view(), name="desk_aid_body_close"),
    path("aid/<slug:slug>/", pages.Request.as_view(), name="desk_aid_case"),
    path("aid/<slug:slug>/<slug:verb>/", acts.Handle.as_view(), name="desk_aid_act"),
    path("lawyers/", rosters.Lawyers.as_view(), name="desk_lawyers"),
    path("lawyers/new/", rosters.NewLawyer.as_view(), name="desk_lawyer_new"),
    path("lawyers/<int:pk>/", rosters.LawyerPage.as_view(), name="desk_lawyer"),
    path("lawyers/<int:pk>/edit/", rosters.EditLawyer.as_view(), name="desk_lawyer_edit"),
    path("lawyers/<int:pk>/leave/", rosters.Leave.as_view(), name="desk_lawyer_leave"),
    path("lawyers/<int:pk>/conflict/", rosters.Conflict.as_view(), name="desk_lawyer_conflict"),
    path("lawyers/<int:pk>/end/", rosters.EndLawyer.as_view(), name="desk_lawyer_end"),
    path("lawyers/firms/", counsel.Firms.as_view(), name="desk_counsel"),
    path("lawyers/firms/new/", counsel.One.as_view(), name="desk_counsel_new"),
    path("lawyers/firms/all/", counsel.All.as_view(), name="desk_counsel_all"),
    path("lawyers/firms/batches/<int:pk>/", counsel.BatchPage.as_view(), name="desk_counsel_batch"),
    path("lawyers/firms/batches/<int:pk>/undo/", counsel.Undo.as_view(), name="desk_counsel_undo"),
]
partner: list[URLPattern] = [
    path("aid/", mine.Mine.as_view(), name="partner_aid"),
    path("aid/firms/", mine.Firms.as_view(), name="partner_firms"),
    path("aid/firms/<int:pk>/visit/", mine.Visit.as_view(), name="partner_firm_visit"),
    path("aid/<int:pk>/", mine.Folder.as_view(), name="partner_aid_case"),
    path("aid/<int:pk>/files/<int:file>/", mine.OpenFile.as_view(), name="partner_aid_file"),
    path("aid/<int:pk>/<slug:verb>/", mine.Handle.as_view(), name="partner_aid_act"),
]
