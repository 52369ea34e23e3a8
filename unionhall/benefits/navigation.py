"""Benefits in the menus; each noun adds its own lines."""

from unionhall.foundation.navigation import Entry, declare
from unionhall.foundation.permissions import EVERYONE

# Entitlements.
declare(
    Entry("public", "", "办事指南", "public_services", "list-details", EVERYONE, 20),
    Entry("desk", "办理", "普惠保障", "desk_benefits", "gift", "benefits.view", 50),
)
