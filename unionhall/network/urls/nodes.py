"""Addresses of stations and nodes."""

from django.urls import path

from ..views import acts_desk as acts
from ..views import import_desk as imports
from ..views import nodes_desk as nodes
from ..views import plans_desk as plans
from ..views import public as public_pages
from ..views import worker as worker_pages

public = [
    path("stations/", public_pages.PublicStations.as_view(), name="public_stations"),
    path("stations/<slug:slug>/", public_pages.PublicStation.as_view(), name="public_station"),
    path("stations/<slug:slug>/print/", public_pages.PrintedStation.as_view(), name="public_station_print"),
]
worker = [
    path("stations/", worker_pages.NearStations.as_view(), name="m_stations"),
    path("stations/<slug:slug>/", worker_pages.Station.as_view(), name="m_station"),
]
desk = [
    path("network/", nodes.Nodes.as_view(), name="desk_network"),
    path("network/new/", nodes.NewNode.as_view(), name="desk_node_new"),
    path("network/export/", nodes.Export.as_view(), name="desk_network_export"),
    path("network/coverage/", plans.Coverage.as_view(), name="desk_network_coverage"),
    path("network/plans/", plans.Plans.as_view(), name="desk_network_plans"),
    path("network/plans/new/", plans.NewPlan.as_view(), name="desk_network_plan_new"),
    path("network/plans/<int:pk>/", plans.Plan.as_view(), name="desk_network_plan"),
    path("network/plans/<int:pk>/edit/", plans.EditPlan.as_view(), name="desk_network_plan_edit"),
    path("network/template/", imports.NodesTemplate.as_view(), name="desk_nodes_template"),
    path("network/import/", imports.ReadNodes.as_view(), name="desk_nodes_import"),
    path("network/import/<int:pk>/", imports.NodesReading.as_view(), name="desk_nodes_reading"),
    path("network/import/<int:pk>/errors/", imports.NodesFaults.as_view(), name="desk_nodes_errors"),
    path(
        "network/exceptions/<int:pk>/remove/",
        acts.RemoveException.as_view(),
        name="desk_node_exception_remove",
    ),
    path("network/staff/<int:pk>/end/", acts.EndStaff.as_view(), name="desk_node_staff_end"),
    path("network/<int:pk>/", nodes.NodePage.as_view(), name="desk_node"),
    path("network/<int:pk>/edit/", nodes.EditNode.as_view(), name="desk_node_edit"),
    path("network/<int:pk>/move/<slug:code>/", acts.MoveNode.as_view(), name="desk_node_move"),
    path("network/<int:pk>/decide/<slug:code>/", acts.DecideNode.as_view(), name="desk_node_decide"),
    path("network/<int:pk>/acceptance/", acts.AcceptNode.as_view(), name="desk_node_accept"),
    path("network/<int:pk>/hours/", acts.SetHours.as_view(), name="desk_node_hours"),
    path("network/<int:pk>/exceptions/new/", acts.NewException.as_view(), name="desk_node_exception_new"),
    path("network/<int:pk>/staff/new/", acts.PlaceStaff.as_view(), name="desk_node_staff_new"),
]
