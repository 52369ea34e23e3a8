"""Addresses of the grid."""

from django.urls import path

from ..views import grid_desk as desk_pages
from ..views import grid_worker as worker_pages
from ..views import items_desk as item_pages

worker = [
    path("grid/", worker_pages.MyGrid.as_view(), name="m_grid"),
    path("grid/report/", worker_pages.MyReport.as_view(), name="m_grid_report"),
    path("grid/<int:pk>/", worker_pages.MyItem.as_view(), name="m_grid_item"),
    path("grid/<int:pk>/withdraw/", worker_pages.WithdrawItem.as_view(), name="m_grid_withdraw"),
]
desk = [
    path("grid/", desk_pages.Cells.as_view(), name="desk_grid"),
    path("grid/new/", desk_pages.NewCell.as_view(), name="desk_grid_new"),
    path("grid/items/", item_pages.Items.as_view(), name="desk_grid_items"),
    path("grid/items/new/", item_pages.Report.as_view(), name="desk_grid_report"),
    path("grid/items/<int:pk>/", item_pages.Item.as_view(), name="desk_grid_item"),
    path("grid/items/<int:pk>/<slug:verb>/", item_pages.ItemAct.as_view(), name="desk_grid_act"),
    path("grid/<int:pk>/", desk_pages.Cell.as_view(), name="desk_grid_cell"),
    path("grid/<int:pk>/edit/", desk_pages.EditCell.as_view(), name="desk_grid_edit"),
    path("grid/<int:pk>/units/", desk_pages.SetUnits.as_view(), name="desk_grid_units"),
    path("grid/<int:pk>/worker/", desk_pages.SetWorker.as_view(), name="desk_grid_worker"),
]
