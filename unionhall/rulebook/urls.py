"""Addresses of the rulebook's pages."""

from django.urls import URLPattern, path

from .views import drafts, schemes

desk: list[URLPattern] = [
    path("schemes/", schemes.Schemes.as_view(), name="desk_schemes"),
    path("schemes/drafts/", drafts.Drafts.as_view(), name="desk_scheme_drafts"),
    path("schemes/drafts/<int:pk>/", drafts.Draft.as_view(), name="desk_scheme_draft"),
    path("schemes/drafts/<int:pk>/discard/", drafts.Discard.as_view(), name="desk_scheme_discard"),
    path("schemes/drafts/<int:pk>/simulate/", drafts.Simulate.as_view(), name="desk_scheme_simulate"),
    path("schemes/drafts/<int:pk>/people/", drafts.Affected.as_view(), name="desk_scheme_people"),
    path("schemes/drafts/<int:pk>/publish/", drafts.Publish.as_view(), name="desk_scheme_publish"),
    path("schemes/drafts/<int:pk>/withdraw/", drafts.Withdraw.as_view(), name="desk_scheme_withdraw"),
    path("schemes/<slug:programme>/<slug:digest>/", schemes.Scheme.as_view(), name="desk_scheme"),
    path(
        "schemes/<slug:programme>/<slug:digest>/copy/", schemes.CopyScheme.as_view(), name="desk_scheme_copy"
    ),
]
