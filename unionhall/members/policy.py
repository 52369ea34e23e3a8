"""Who may see members, change them, open what is sealed, and bring in rosters."""

from unionhall.foundation.permissions import Line, Permission, Role, declare, roles
from unionhall.records import verbs

_KEEPERS = roles(Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER)

declare(
    Permission(
        "members.view",
        "查看会员名册",
        roles(_KEEPERS, Role.CLERK, Role.REVIEWER, Role.AUDITOR),
    ),
    Permission("members.edit", "修改会员资料", _KEEPERS, Line.ORGANISING),
    Permission("members.reveal", "查看完整证件号和手机号", roles(_KEEPERS, Role.CLERK, Role.REVIEWER)),
    Permission("members.export", "导出会员名册", _KEEPERS, Line.ORGANISING),
    Permission("members.intake", "导入会员名册", _KEEPERS, Line.ORGANISING),
    Permission("members.standing", "办理会籍变动", _KEEPERS, Line.ORGANISING),
    Permission("members.message", "给会员发消息", _KEEPERS, Line.ORGANISING),
)
verbs.declare(
    {
        "members.print_card": "打印纸质会员证",
        "members.give_consent": "同意个人信息授权",
        "members.withdraw_consent": "撤回个人信息授权",
        "members.unlink_account": "解除账号绑定",
    }
)
