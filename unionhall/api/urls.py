"""Addresses of the interface, and of the pages where clients are looked after."""

from django.urls import URLPattern, URLResolver, path, re_path

from .application import api as application
from .endpoints import cards, figures, members, organisations, rosters
from .views import clients, docs, endpoints, missing

application.add_router("/cards", cards.router)
application.add_router("/members", members.router)
application.add_router("/organisations", organisations.router)
application.add_router("/figures", figures.router)
application.add_router("/rosters", rosters.router)

public: list[URLPattern | URLResolver] = [
    path("api/", docs.Docs.as_view(), name="api_docs"),
    path("api/v1/", application.urls),
    re_path(r"^api/.*$", missing.Missing.as_view(), name="api_missing"),
]
desk: list[URLPattern] = [
    path("clients/", clients.Clients.as_view(), name="desk_clients"),
    path("clients/new/", clients.Issue.as_view(), name="desk_client_new"),
    path("clients/<int:pk>/", clients.ClientDetail.as_view(), name="desk_client"),
    path("clients/<int:pk>/rotate/", clients.Rotate.as_view(), name="desk_client_rotate"),
    path("clients/<int:pk>/revoke/", clients.Revoke.as_view(), name="desk_client_revoke"),
    path("clients/<int:pk>/endpoint/", endpoints.AddEndpoint.as_view(), name="desk_endpoint_new"),
    path("clients/endpoints/<int:pk>/", endpoints.EndpointDetail.as_view(), name="desk_endpoint"),
    path("clients/endpoints/<int:pk>/edit/", endpoints.EditEndpoint.as_view(), name="desk_endpoint_edit"),
    path("clients/endpoints/<int:pk>/test/", endpoints.TryEndpoint.as_view(), name="desk_endpoint_test"),
    path("clients/endpoints/<int:pk>/enable/", endpoints.Enable.as_view(), name="desk_endpoint_enable"),
    path("clients/endpoints/<int:pk>/remove/", endpoints.Remove.as_view(), name="desk_endpoint_remove"),
    path("clients/deliveries/<int:pk>/resend/", endpoints.Resend.as_view(), name="desk_delivery_resend"),
]
