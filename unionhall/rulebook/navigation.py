"""方案 in the desk's menu."""

from unionhall.foundation.navigation import Entry, declare

declare(Entry("desk", "管理", "方案", "desk_schemes", "book", "rulebook.schemes", 40))
