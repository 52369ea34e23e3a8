"""Where the figures stand in the menu."""

from unionhall.foundation.navigation import Entry, declare

declare(
    Entry("desk", "统计", "统计数据", "desk_figures", "chart-bar", "organisations.figures", 10),
    Entry("desk", "统计", "大屏", "screen", "presentation-analytics", "organisations.figures", 20),
)
