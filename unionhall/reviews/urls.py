"""Addresses of reviews' pages."""

from django.urls import URLPattern, path

from .views.delegations import Delegations, EndDelegation, NewDelegation
from .views.inbox import Batch, Inbox
from .views.matter import EventFile, MyEventFile, ReviewPage, Urge
from .views.public import Progress
from .views.worker import Appeal, Application, Applications, Supplement, Withdraw

public: list[URLPattern] = [path("progress/", Progress.as_view(), name="public_progress")]
worker: list[URLPattern] = [
    path("applications/", Applications.as_view(), name="m_applications"),
    path("applications/<slug:slug>/", Application.as_view(), name="m_application"),
    path("applications/<slug:slug>/withdraw/", Withdraw.as_view(), name="m_application_withdraw"),
    path("applications/<slug:slug>/supplement/", Supplement.as_view(), name="m_application_supplement"),
    path("applications/<slug:slug>/appeal/", Appeal.as_view(), name="m_application_appeal"),
    path("applications/<slug:slug>/files/<int:event>/", MyEventFile.as_view(), name="m_application_file"),
]
desk: list[URLPattern] = [
    path("reviews/", Inbox.as_view(), name="desk_reviews"),
    path("reviews/batch/", Batch.as_view(), name="desk_reviews_batch"),
    path("reviews/delegations/", Delegations.as_view(), name="desk_delegations"),
    path("reviews/delegations/new/", NewDelegation.as_view(), name="desk_delegation_new"),
    path("reviews/delegations/<int:pk>/end/", EndDelegation.as_view(), name="desk_delegation_end"),
    path("reviews/<slug:slug>/", ReviewPage.as_view(), name="desk_review"),
    path("reviews/<slug:slug>/urge/", Urge.as_view(), name="desk_review_urge"),
    path("reviews/<slug:slug>/files/<int:event>/", EventFile.as_view(), name="desk_review_file"),
]
