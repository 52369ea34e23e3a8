"""Who sets what is the same for everyone, and what the entrances' actions are called in the journal."""

from unionhall.foundation.permissions import Permission, Role, declare, roles
from unionhall.records import verbs

declare(
    Permission("portal.calendar", "维护节假日", roles(Role.OFFICER, Role.OPERATOR)),
)
verbs.declare(
    {
        "portal.export_own": "下载本人数据",
        "portal.seed": "放入示范数据",
        "portal.holiday_added": "新增节假日",
        "portal.holiday_changed": "修改节假日",
        "portal.holiday_removed": "删除节假日",
        "portal.job_retried": "重试后台任务",
        "portal.journal_verification": "核验日志",
        "portal.backed_up": "备份",
        "portal.drilled": "演练恢复",
    }
)
