"""Who publishes, who settles objections. A domain's verb that publicises asks its own permission before."""

from unionhall.foundation.permissions import Permission, Role, declare, roles
from unionhall.records import verbs

_WRITERS = roles(Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER)
declare(
    Permission("bulletins.view", "查看公示公告", roles(_WRITERS, Role.REVIEWER, Role.LEADER, Role.AUDITOR)),
    Permission("bulletins.publish", "发布公示公告", _WRITERS),
    Permission("bulletins.settle", "核实公示异议", roles(Role.CHAIR, Role.OFFICER, Role.REVIEWER)),
)
verbs.declare(
    {
        "bulletins.drafted": "拟公示",
        "bulletins.publicised": "发布公示",
        "bulletins.discarded": "删除公示草稿",
        "bulletins.objected": "提出公示异议",
        "bulletins.objection_read": "查看公示异议",
        "bulletins.upheld": "公示异议成立",
        "bulletins.dismissed": "公示异议不成立",
        "bulletins.stopped": "终止公示",
        "bulletins.row_withdrawn": "公示撤下一行",
        "bulletins.passed": "公示期满",
        "bulletins.written": "拟公告",
        "bulletins.published": "发布公告",
        "bulletins.revised": "更正公告",
        "bulletins.taken_down": "撤下公告",
    }
)
