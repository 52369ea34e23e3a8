"""The network in the menus."""

from unionhall.foundation.navigation import Entry, declare
from unionhall.foundation.permissions import EVERYONE

declare(
    Entry("public", "", "服务站点", "public_stations", "map-pin", EVERYONE, 40),
    Entry("desk", "走访与站点", "服务站点", "desk_network", "map-2", "network.view", 40),
    Entry("desk", "走访与站点", "网格事项", "desk_grid_items", "layout-grid", "network.grid", 62),
)
