"""Visits in the menus."""

from unionhall.foundation.navigation import Entry, declare

declare(
    Entry("desk", "走访与站点", "走访联系", "desk_visits", "map-pin", "outreach.view", 56),
)
