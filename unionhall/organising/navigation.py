"""Where the matters of organising stand in the menu."""

from unionhall.foundation.navigation import Entry, declare

declare(Entry("desk", "办理", "建会", "desk_foundings", "building-community", "organising.view", 20))
declare(
    Entry("desk", "办理", "会籍转接", "desk_transfers", "arrows-exchange", "organising.view", 30),
    Entry("desk", "办理", "会籍变动", "desk_standing", "user-edit", "organising.view", 40),
)
