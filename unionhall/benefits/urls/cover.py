"""Addresses of 保险保障."""

from django.urls import URLPattern, path

from ..schemes.cover import PROGRAMMES
from ..views import cover_desk as desk_views
from ..views import cover_rolls as rolls
from ..views import cover_worker as mine

worker: list[URLPattern] = [
    path("benefits/cover/", mine.MyCover.as_view(), name="m_cover"),
    path("benefits/cover/claims/<int:pk>/", mine.ClaimPage.as_view(), name="m_cover_claim"),
    path("benefits/cover/claims/<int:pk>/describe/", mine.Describe.as_view(), name="m_cover_claim_describe"),
    path("benefits/cover/claims/<int:pk>/papers/", mine.AddPaper.as_view(), name="m_cover_claim_papers"),
    path("benefits/cover/claims/<int:pk>/drop/", mine.Drop.as_view(), name="m_cover_claim_drop"),
    path(
        "benefits/cover/claims/<int:claim>/papers/<int:pk>/", mine.OpenPaper.as_view(), name="m_cover_paper"
    ),
    path(
        "benefits/cover/claims/<int:claim>/papers/<int:pk>/remove/",
        mine.RemovePaper.as_view(),
        name="m_cover_paper_remove",
    ),
    *(
        path(f"apply/{code}/", mine.Apply.as_view(programme=code), name=f"m_apply_{code}")
        for code in PROGRAMMES
    ),
]
desk: list[URLPattern] = [
    path("cover/", desk_views.Covers.as_view(), name="desk_cover"),
    path("cover/people/", desk_views.People.as_view(), name="desk_cover_people"),
    path("cover/claims/", desk_views.Claims.as_view(), name="desk_cover_claims"),
    path("cover/claims/new/", desk_views.NewClaim.as_view(), name="desk_cover_claim_new"),
    path("cover/claims/<int:pk>/", desk_views.DeskClaim.as_view(), name="desk_cover_claim"),
    path(
        "cover/claims/<int:pk>/describe/",
        desk_views.DeskDescribe.as_view(),
        name="desk_cover_claim_describe",
    ),
    path("cover/claims/<int:pk>/papers/", desk_views.DeskAddPaper.as_view(), name="desk_cover_claim_papers"),
    path("cover/claims/<int:pk>/drop/", desk_views.DeskDrop.as_view(), name="desk_cover_claim_drop"),
    path(
        "cover/claims/<int:claim>/papers/<int:pk>/",
        desk_views.DeskOpenPaper.as_view(),
        name="desk_cover_paper",
    ),
    path(
        "cover/claims/<int:claim>/papers/<int:pk>/remove/",
        desk_views.DeskRemovePaper.as_view(),
        name="desk_cover_paper_remove",
    ),
    path("cover/rolls/", rolls.Rolls.as_view(), name="desk_cover_rolls"),
    path("cover/rolls/new/", rolls.AskRoll.as_view(), name="desk_cover_roll_new"),
    path("cover/rolls/<int:pk>/download/", rolls.DownloadRoll.as_view(), name="desk_cover_roll_download"),
]
