"""Who sees money, makes a batch, checks it. Domains' verbs ask their own permission before they commit or pay."""

from unionhall.foundation.permissions import Line, Permission, Role, declare, roles
from unionhall.records import verbs
from unionhall.records.attachments import guard

SEES = roles(Role.OFFICER, Role.REVIEWER, Role.LEADER, Role.AUDITOR)
declare(
    Permission("ledger.view", "查看预算、批次和账目", SEES),
    Permission("ledger.payments", "查看付款及其计算过程", SEES),
    Permission("ledger.make", "制作付款批次", roles(Role.OFFICER), Line.FINANCE),
    Permission("ledger.check", "复核付款批次", roles(Role.OFFICER, Role.LEADER), Line.FINANCE),
    Permission("ledger.budget", "管理预算和月结", roles(Role.OFFICER), Line.FINANCE),
)
# Bank numbers stand in these files: only the batch's own page hands them out.
guard("ledger.bank_file", "ledger.bank_return")
verbs.declare(
    {
        "ledger.budget_opened": "设立预算",
        "ledger.budget_changed": "调整预算",
        "ledger.committed": "占用预算",
        "ledger.queued": "预算排队",
        "ledger.queued_many": "批量预算排队",
        "ledger.held": "排队后占用预算",
        "ledger.released": "释放预算占用",
        "ledger.due": "列入应付",
        "ledger.due_many": "批量列入应付",
        "ledger.adjusted": "调整付款金额",
        "ledger.cancelled": "撤销应付",
        "ledger.reversed": "追回付款",
        "ledger.recovered": "收回款项",
        "ledger.waived": "不再收回款项",
        "ledger.retried": "重新付款",
        "ledger.payee_registered": "登记收款账户",
        "ledger.batch_made": "制作付款批次",
        "ledger.batch_changed": "移出付款批次",
        "ledger.batch_submitted": "提交复核",
        "ledger.batch_approved": "复核通过",
        "ledger.batch_rejected": "复核退回",
        "ledger.batch_dissolved": "解散付款批次",
        "ledger.bank_file_made": "生成银行文件",
        "ledger.bank_file_opened": "下载银行文件",
        "ledger.return_taken": "导入银行回盘",
        "ledger.month_closed": "月结",
        "ledger.inputs_shown": "查看付款依据",
    }
)
