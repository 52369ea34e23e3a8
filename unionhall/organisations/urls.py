"""Addresses of the tree's pages."""

from django.urls import URLPattern, path

from .views import browsing, changing, finding

public: list[URLPattern] = [path("orgs/", finding.FindUnion.as_view(), name="public_orgs")]
desk: list[URLPattern] = [
    path("orgs/", browsing.OrganisationList.as_view(), name="desk_orgs"),
    path("orgs/new/", changing.Establish.as_view(), name="desk_org_new"),
    path("orgs/<slug:slug>/", browsing.OrganisationDetail.as_view(), name="desk_org"),
    path("orgs/<slug:slug>/edit/", changing.Edit.as_view(), name="desk_org_edit"),
    path("orgs/<slug:slug>/rename/", changing.Rename.as_view(), name="desk_org_rename"),
    path("orgs/<slug:slug>/move/", changing.Move.as_view(), name="desk_org_move"),
    path("orgs/<slug:slug>/suspend/", changing.Suspend.as_view(), name="desk_org_suspend"),
    path("orgs/<slug:slug>/resume/", changing.Resume.as_view(), name="desk_org_resume"),
    path("orgs/<slug:slug>/term/", changing.StartTerm.as_view(), name="desk_org_term"),
    path("orgs/<slug:slug>/extend/", changing.Extend.as_view(), name="desk_org_extend"),
    path("orgs/<slug:slug>/cover/", changing.Cover.as_view(), name="desk_org_cover"),
    path("orgs/<slug:slug>/employer/", changing.RegisterEmployer.as_view(), name="desk_org_employer_new"),
    path(
        "orgs/<slug:slug>/employers/<int:employer>/",
        changing.ReviseEmployer.as_view(),
        name="desk_org_employer",
    ),
    path(
        "orgs/<slug:slug>/employers/<int:employer>/uncover/",
        changing.Uncover.as_view(),
        name="desk_org_uncover",
    ),
]
