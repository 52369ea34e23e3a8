"""The entrances' own lines in the menus."""

from unionhall.foundation.navigation import Entry, declare
from unionhall.foundation.permissions import SIGNED_IN

declare(
    Entry("desk", "", "工作台", "desk_home", "layout-dashboard", SIGNED_IN, 1),
    Entry("desk", "管理", "设置", "desk_settings", "settings", "portal.calendar", 80),
    Entry("desk", "管理", "运行维护", "ops_home", "server", "ops.run", 90),
    Entry("ops", "", "运行状况", "ops_home", "server", "ops.run", 1),
    Entry("ops", "", "工作台", "desk_home", "layout-dashboard", SIGNED_IN, 2),
)
