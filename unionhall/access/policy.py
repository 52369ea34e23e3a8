"""Who may see and give grants, and who runs the machine."""

from unionhall.foundation.permissions import DESK, Permission, Role, declare, roles
from unionhall.records import verbs

declare(
    Permission(
        "access.view", "查看授权", roles(Role.CHAIR, Role.OFFICER, Role.LEADER, Role.AUDITOR, Role.OPERATOR)
    ),
    Permission("access.grant", "开通账号和授权", roles(Role.OFFICER, Role.OPERATOR)),
    Permission("access.explain", "查询某人能看到什么", roles(Role.OFFICER, Role.AUDITOR, Role.OPERATOR)),
    Permission("access.desk", "进入工作台", roles(DESK)),
    Permission("ops.run", "运维管理", roles(Role.OPERATOR)),
)
verbs.declare(
    {
        "access.sign_in": "登录",
        "access.enrol_second_factor": "开通两步验证",
        "access.change_password": "修改密码",
        "access.change_phone": "更换登录手机号",
        "access.open_account": "开通账号",
        "access.grant": "授权",
        "access.revoke": "收回授权",
        "access.reset_password": "重置密码",
        "access.reset_second_factor": "重置两步验证",
        "access.close_account": "停用账号",
        "access.end_sessions": "结束登录",
        "access.link_provider": "关联统一身份",
        "access.unlink_provider": "取消统一身份关联",
        "access.part_phone": "手机号换了主人",
        "access.explain": "查询权限原因",
        "access.many_lookups": "按号码查找过多",
    }
)
