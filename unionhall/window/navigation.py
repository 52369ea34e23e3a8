"""The window in the desk's menu."""

from unionhall.foundation.navigation import Entry, declare

declare(
    Entry("desk", "办理", "一站式窗口", "window_home", "id-badge-2", "window.serve", 5),
    Entry("desk", "办理", "补录纸质材料", "window_papers", "file-import", "window.serve", 6),
    Entry("desk", "办理", "服务大厅", "window_halls", "device-desktop", "window.view", 7),
)
