"""Where the matters of organising stand in the menu."""

from unionhall.foundation.navigation import Entry, declare

declare(Entry("desk", "办理", "建会", "desk_foundings", "building-community", "organising.view", 20))
