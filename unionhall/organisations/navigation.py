"""Where the tree stands in the menus."""

from unionhall.foundation.navigation import Entry, declare
from unionhall.foundation.permissions import EVERYONE

declare(
    Entry("desk", "组织与会籍", "工会组织", "desk_orgs", "hierarchy-2", "organisations.view", 10),
    Entry("public", "", "找工会", "public_orgs", "map-pin", EVERYONE, 30),
)
