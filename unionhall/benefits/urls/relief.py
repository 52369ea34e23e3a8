"""Addresses of hardship relief."""

from django.urls import URLPattern, path

from ..views import relief_acts as acts
from ..views import relief_checks as many
from ..views import relief_desk as desk_views
from ..views import relief_own as mine
from ..views import relief_papers as papers
from ..views import relief_place as places
from ..views import relief_unfiled as unfiled
from ..views import relief_worker as own

worker: list[URLPattern] = [
    path("apply/hardship_relief/", own.Start.as_view(), name="m_relief"),
    path("apply/hardship_relief/place/", places.Place.as_view(), name="m_relief_place"),
    path("apply/hardship_relief/consent/", own.Consent.as_view(), name="m_relief_consent"),
    path("apply/hardship_relief/family/", own.Family.as_view(), name="m_relief_family"),
    path("apply/hardship_relief/money/", own.Money.as_view(), name="m_relief_money"),
    path("apply/hardship_relief/situation/", own.Situation.as_view(), name="m_relief_situation"),
    path("apply/hardship_relief/papers/", papers.Papers.as_view(), name="m_relief_papers"),
    path("apply/hardship_relief/check/", own.Check.as_view(), name="m_relief_check"),
    path("apply/hardship_relief/done/", mine.Done.as_view(), name="m_relief_done"),
    path("benefits/relief/", mine.MyFile.as_view(), name="m_relief_file"),
    path("benefits/relief/papers/", papers.AddPaper.as_view(), name="m_relief_paper_new"),
    path("benefits/relief/papers/<int:pk>/", papers.OwnPaper.as_view(), name="m_relief_paper"),
]
desk: list[URLPattern] = [
    path("relief/", desk_views.Files.as_view(), name="desk_relief"),
    path("relief/publicise/", many.Publicise.as_view(), name="desk_relief_publicise"),
    path("relief/papers/<int:pk>/", papers.DeskPaper.as_view(), name="desk_relief_paper"),
    path(
        "relief/visits/<int:pk>/authorisation/",
        papers.DeskAuthorisation.as_view(),
        name="desk_relief_authorisation",
    ),
    path("relief/checks/", many.Checks.as_view(), name="desk_relief_checks"),
    path("relief/checks/new/", many.NewCheck.as_view(), name="desk_relief_check_new"),
    path("relief/checks/<slug:slug>/", many.CheckPage.as_view(), name="desk_relief_check"),
    path(
        "relief/checks/<slug:slug>/download/", many.DownloadCheck.as_view(), name="desk_relief_check_download"
    ),
    path("relief/unfiled/<int:pk>/", unfiled.UnfiledAid.as_view(), name="desk_relief_unfiled"),
    path("relief/aids/<int:pk>/revoke/", acts.RevokeAid.as_view(), name="desk_relief_aid_revoke"),
    path("relief/<int:pk>/", desk_views.FilePage.as_view(), name="desk_relief_file"),
    path("relief/<int:pk>/visit/", acts.RecordVisit.as_view(), name="desk_relief_visit"),
    path("relief/<int:pk>/figures/", acts.AssessAgain.as_view(), name="desk_relief_figures"),
    path("relief/<int:pk>/explain/", acts.Explain.as_view(), name="desk_relief_explain"),
    path("relief/<int:pk>/helper/", acts.NameHelper.as_view(), name="desk_relief_helper"),
    path("relief/<int:pk>/aid/", acts.GrantAid.as_view(), name="desk_relief_aid"),
    path("relief/<int:pk>/verify/", acts.Verify.as_view(), name="desk_relief_verify"),
    path("relief/<int:pk>/exit/", acts.ProposeExit.as_view(), name="desk_relief_exit"),
    path(
        "relief/<int:pk>/exit/publicise/",
        acts.PubliciseExit.as_view(),
        name="desk_relief_exit_publicise",
    ),
    path("relief/<int:pk>/exit/drop/", acts.DropExit.as_view(), name="desk_relief_exit_drop"),
    path("relief/<int:pk>/reopen/", acts.Reopen.as_view(), name="desk_relief_reopen"),
    path("relief/<int:pk>/health/", desk_views.RevealHealth.as_view(), name="desk_relief_health"),
]
