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

# Services: the catalogue and its merchants at the desk, redemption at the counter.
declare(
    Permission(
        "benefits.services",
        "查看会员服务和商户",
        roles(Role.OFFICER, Role.CLERK, Role.LEADER, Role.AUDITOR),
    ),
    Permission("benefits.services_edit", "管理服务目录和商户", roles(Role.OFFICER), Line.WELFARE),
    Permission("benefits.services_settle", "确认商户对账单", roles(Role.OFFICER), Line.WELFARE),
    Permission("benefits.redeem", "核销服务券", roles(Role.MERCHANT)),
)
verbs.declare(
    {
        "benefits.merchant_saved": "登记服务商户",
        "benefits.outlet_saved": "登记服务网点",
        "benefits.teller_added": "开通商户账号",
        "benefits.teller_ended": "停用商户账号",
        "benefits.service_saved": "登记会员服务",
        "benefits.service_state": "服务上下架",
        "benefits.catalogue_read": "上传服务目录",
        "benefits.catalogue_imported": "服务目录入库",
        "benefits.voucher_taken": "领取服务券",
        "benefits.voucher_cancelled": "退服务券",
        "benefits.vouchers_expired": "服务券过期",
        "benefits.redeemed": "核销服务券",
        "benefits.redeemed_offline": "离线核销补传",
        "benefits.service_rated": "评价服务",
        "benefits.statement_made": "生成商户对账单",
        "benefits.statement_agreed": "商户确认对账单",
        "benefits.statement_disputed": "商户对账异议",
        "benefits.statement_answered": "答复对账异议",
        "benefits.statement_confirmed": "工会确认对账单",
        "benefits.statement_exported": "导出对账明细",
    }
)
