"""Addresses of organising's pages."""

from django.urls import URLPattern, path

from .views import admission, founding, moving, posts, preparing, reorganising, standing, transfers, workplace

worker: list[URLPattern] = [
    path("join/", admission.Start.as_view(), name="m_join"),
    path("join/consent/", admission.Consent.as_view(), name="m_join_consent"),
    path("join/identity/", admission.Who.as_view(), name="m_join_identity"),
    path("join/employer/", workplace.WorksAt.as_view(), name="m_join_employer"),
    path("join/local/", workplace.Local.as_view(), name="m_join_local"),
    path("join/job/", admission.Job.as_view(), name="m_join_job"),
    path("join/check/", admission.Check.as_view(), name="m_join_check"),
    path("join/done/<slug:number>/", admission.Done.as_view(), name="m_join_done"),
    path("transfer/", moving.Transfer.as_view(), name="m_transfer"),
    path("transfers/<int:pk>/", moving.AnswerTransfer.as_view(), name="m_transfer_answer"),
    path("withdraw/", moving.Withdraw.as_view(), name="m_withdraw"),
    path("retain/", moving.Retain.as_view(), name="m_retain"),
    path("submitted/<slug:number>/", moving.Submitted.as_view(), name="m_submitted"),
    path("join/done/<slug:number>/print/", admission.Receipt.as_view(), name="m_join_receipt"),
    path("found/", founding.WorkerFound.as_view(), name="m_found"),
    path("foundings/<int:pk>/end/", preparing.EndMyPreparation.as_view(), name="m_founding_end"),
]
desk: list[URLPattern] = [
    path("transfers/", transfers.Transfers.as_view(), name="desk_transfers"),
    path("transfers/in/", transfers.StartIn.as_view(), name="desk_transfer_in"),
    path("transfers/out/<int:pk>/", transfers.StartOut.as_view(), name="desk_transfer_out"),
    path("transfers/roster/<int:pk>/", transfers.RosterTransfers.as_view(), name="desk_roster_transfers"),
    path("transfers/<int:pk>/", transfers.Transfer.as_view(), name="desk_transfer"),
    path("transfers/<int:pk>/agreement/", transfers.Agreement.as_view(), name="desk_transfer_agreement"),
    path("transfers/<int:pk>/attest/", transfers.Attest.as_view(), name="desk_transfer_attest"),
    path("standing/", standing.StandingChanges.as_view(), name="desk_standing"),
    path("standing/retention/", standing.ProposeRetention.as_view(), name="desk_retention_batch"),
    path("standing/new/<int:pk>/<slug:change>/", standing.Propose.as_view(), name="desk_standing_new"),
    path("foundings/", founding.FoundingList.as_view(), name="desk_foundings"),
    path("foundings/new/", founding.NewFounding.as_view(), name="desk_founding_new"),
    path("foundings/<int:pk>/", founding.FoundingDetail.as_view(), name="desk_founding"),
    path("foundings/<int:pk>/result/", founding.FileResult.as_view(), name="desk_founding_result"),
    path("foundings/<int:pk>/end/", preparing.EndPreparation.as_view(), name="desk_founding_end"),
    path("orgs/<slug:slug>/merge/", reorganising.Merge.as_view(), name="desk_org_merge"),
    path("orgs/<slug:slug>/split/", reorganising.Split.as_view(), name="desk_org_split"),
    path("orgs/<slug:slug>/dissolve/", reorganising.Dissolve.as_view(), name="desk_org_dissolve"),
    path("orgs/<slug:slug>/posts/", posts.Posts.as_view(), name="desk_org_posts"),
    path("orgs/<slug:slug>/posts/new/", posts.Appoint.as_view(), name="desk_org_appoint"),
    path("orgs/<slug:slug>/posts/<int:post>/leave/", posts.Leave.as_view(), name="desk_org_leave"),
]
