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
    Permission("members.register", "登记职工信息", roles(_KEEPERS, Role.CLERK)),
    Permission("members.edit", "修改会员资料", _KEEPERS, Line.ORGANISING),
    Permission("members.reveal", "查看完整证件号和手机号", roles(_KEEPERS, Role.CLERK, Role.REVIEWER)),
    Permission("members.export", "导出会员名册", _KEEPERS, Line.ORGANISING),
    Permission("members.intake", "导入会员名册", _KEEPERS, Line.ORGANISING),
    Permission("members.standing", "办理会籍变动", _KEEPERS, Line.ORGANISING),
    Permission("members.message", "给会员发消息", _KEEPERS, Line.ORGANISING),
)
verbs.declare(
    {
        "members.print_card": "打印纸质会员卡",
        "members.give_consent": "同意个人信息授权",
        "members.withdraw_consent": "撤回个人信息授权",
        "members.unlink_account": "解除账号绑定",
        "members.register": "登记个人信息",
        "members.edit": "修改资料",
        "members.change_phone": "更换手机号",
        "members.change_employment": "更新就业情况",
        "members.link_account": "绑定账号",
        "members.name_desk": "登记账号本人",
        "members.reveal": "查看完整号码",
        "members.find": "按号码查找",
        "members.admit": "入会",
        "members.move": "转入",
        "members.move_out": "转出",
        "members.retain": "保留会籍",
        "members.resume": "恢复会籍",
        "members.end": "会籍终止",
        "members.relocate": "会籍随组织调整",
        "members.issue_card": "发会员卡",
        "members.suspend_card": "会员卡挂失",
        "members.restore_card": "解除挂失",
        "members.replace_card": "换发会员卡",
        "members.revoke_card": "注销会员卡",
        "members.appoint": "任职",
        "members.leave_post": "离任",
        "members.message": "群发消息",
        "members.form_household": "登记家庭",
        "members.add_relative": "登记家庭成员",
        "members.leave_household": "家庭成员离开",
        "members.ask_export": "申请导出",
        "members.export": "导出名册",
        "members.download_export": "下载导出文件",
    }
)
