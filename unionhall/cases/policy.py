"""Who sees and handles cases. Each kind adds its own permissions and the words of its journal actions here."""

from unionhall.foundation.permissions import Line, Permission, Role, declare, roles
from unionhall.records import attachments, verbs

_HANDLERS = roles(Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER)
_READERS = roles(_HANDLERS, Role.REVIEWER, Role.LEADER, Role.AUDITOR)

# Every kind.
declare(
    Permission("cases.view", "查看案件", roles(_READERS, Role.CLERK)),
    Permission("cases.open", "登记案件", roles(_HANDLERS, Role.CLERK)),
    Permission("cases.assign", "分派案件", roles(Role.CHAIR, Role.OFFICER), Line.RIGHTS),
)
verbs.declare(
    {
        "cases.opened": "登记案件",
        "cases.moved": "办理案件",
        "cases.assigned": "分派案件",
        "cases.regraded": "调整案件等级",
        "cases.handed_over": "移送案件",
        "cases.linked": "关联案件",
        "cases.file_added": "添加案件材料",
        "cases.file_opened": "查看案件材料",
        "cases.party_revealed": "查看当事人号码",
        "cases.noted": "记录案件情况",
        "cases.exported": "导出案件",
        "cases.clocks_recomputed": "按日历重算时限",
    }
)
# What people bring to the union is read on the case's own pages only.
attachments.guard("cases.file")
