"""Who looks after clients of the interface, and what is done there called in the journal."""

from unionhall.foundation.permissions import Line, Permission, Role, declare, roles
from unionhall.records import verbs

declare(
    Permission("api.view", "查看接口接入方", roles(Role.OFFICER, Role.OPERATOR, Role.AUDITOR), Line.GENERAL),
    Permission("api.clients", "管理接口接入方", roles(Role.OFFICER, Role.OPERATOR), Line.GENERAL),
)
verbs.ROOMS["api"] = "接口"
verbs.declare(
    {
        "api.issue": "开通接入方",
        "api.rotate": "更换接口令牌",
        "api.revoke": "停用接入方",
        "api.add_endpoint": "登记推送地址",
        "api.change_endpoint": "修改推送地址",
        "api.remove_endpoint": "删除推送地址",
        "api.endpoint_disabled": "停止推送",
        "api.endpoint_enabled": "恢复推送",
        "api.resend": "重新推送",
        "api.verify_card": "接口核验会员卡",
        "api.member_status": "接口查询会员身份",
    }
)
