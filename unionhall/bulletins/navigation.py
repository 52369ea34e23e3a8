"""公示公告 in the public header and in the desk's navigation. What waits stands in the to-do list."""

from unionhall.foundation.navigation import Entry, declare
from unionhall.foundation.permissions import EVERYONE

declare(
    Entry("public", "", "公示公告", "public_notices", "news", EVERYONE, 40),
    Entry("desk", "办理", "公示公告", "desk_notices", "speakerphone", "bulletins.view", 70),
)
