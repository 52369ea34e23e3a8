"""Who does what in benefits. Each noun adds its own permissions and the words of its journal actions here."""

from unionhall.foundation.permissions import Line, Permission, Role, declare, roles
from unionhall.records import verbs

# Entitlements: how far benefits reach.
declare(
    Permission(
        "benefits.view",
        "查看普惠保障情况",
        roles(
            Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER, Role.REVIEWER, Role.LEADER, Role.AUDITOR
        ),
    ),
    Permission("benefits.tell", "告知符合条件的职工", roles(Role.OFFICER, Role.OPERATOR), Line.WELFARE),
)
verbs.declare(
    {
        "benefits.told": "告知符合条件的职工",
        "benefits.marked": "登记为已知悉",
        "benefits.reckoned": "统计惠及情况",
    }
)
