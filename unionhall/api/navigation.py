"""Where clients of the interface stand in the menu, and the documentation in the public header."""

from unionhall.foundation.navigation import Entry, declare

declare(
    Entry("desk", "管理", "接口接入方", "desk_clients", "plug", "api.view", 85),
)
