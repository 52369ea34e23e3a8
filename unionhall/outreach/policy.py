"""Who visits, who answers for whom, who supervises."""

from unionhall.foundation.permissions import Permission, Role, declare, roles
from unionhall.records import attachments, verbs

_CADRES = roles(Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER)
declare(
    Permission("outreach.view", "查看走访联系", roles(_CADRES, Role.LEADER, Role.AUDITOR)),
    Permission("outreach.visit", "登记走访和办理走访问题", _CADRES),
    Permission("outreach.assign", "指定联系点和困难企业责任人", roles(Role.CHAIR, Role.OFFICER)),
    Permission("outreach.supervise", "督办走访", roles(Role.OFFICER, Role.LEADER)),
)
verbs.declare(
    {
        "outreach.contact_named": "指定联系点",
        "outreach.contact_ended": "结束联系点",
        "outreach.firm_declared": "认定困难企业",
        "outreach.firm_left": "困难企业退出",
        "outreach.visit_planned": "计划走访",
        "outreach.visit_changed": "修改走访",
        "outreach.visit_done": "完成走访",
        "outreach.visit_written": "填写走访情况",
        "outreach.visit_cancelled": "取消走访",
        "outreach.visit_stop_added": "添加走访对象",
        "outreach.visit_stop_removed": "删除走访对象",
        "outreach.visit_photo": "上传走访照片",
        "outreach.photo_opened": "查看走访照片",
        "outreach.item_opened": "登记走访问题",
        "outreach.item_settled": "答复走访问题",
        "outreach.item_assigned": "改派走访问题",
        "outreach.item_handed": "转办走访问题",
        "outreach.item_urged": "督办走访问题",
        "outreach.item_rated": "评价走访问题",
        "outreach.item_checked": "回访走访评价",
        "outreach.slips_shown": "打开走访回执",
        "outreach.item_escalated": "走访问题逾期上报",
        "outreach.items_recomputed": "重算走访问题期限",
        "outreach.duty_opened": "生成必访任务",
        "outreach.duty_done": "完成必访任务",
        "outreach.duty_void": "撤销必访任务",
        "outreach.duty_urged": "督办必访任务",
        "outreach.duty_explained": "回复必访督办",
        "outreach.duty_assigned": "指定必访责任人",
        "outreach.duty_escalated": "必访任务逾期上报",
        "outreach.office_recorded": "填报会议文件",
        "outreach.table_exported": "导出走访年度统计",
    }
)
# Faces in homes and workshops: read on the visit's own page only.
attachments.guard("outreach.visit_photo")
