"""Who may do what with the tree, and with the rooms below it that know no roles."""

from unionhall.foundation.permissions import DESK, Line, Permission, Role, declare, roles

SUPERIOR = roles(Role.OFFICER, Role.REVIEWER)
LOCAL = roles(Role.CHAIR, Role.GRASSROOTS_OFFICER)

declare(
    Permission("organisations.view", "查看组织", roles(DESK)),
    Permission("organisations.edit", "修改组织资料", roles(Role.CHAIR, Role.OFFICER), Line.ORGANISING),
    Permission(
        "organisations.reorganise", "更名、改隶、合并、分立、撤销组织", roles(Role.OFFICER), Line.ORGANISING
    ),
    Permission("organisations.terms", "登记换届和任职", roles(Role.CHAIR, Role.OFFICER), Line.ORGANISING),
    Permission("organisations.figures", "查看统计数据", roles(DESK)),
    Permission("records.journal", "查看日志", roles(Role.AUDITOR)),
    Permission(
        "records.attachments",
        "查看附件",
        roles(Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER, Role.REVIEWER),
    ),
    Permission("records.messages", "查看发出的消息", roles(Role.AUDITOR)),
)
