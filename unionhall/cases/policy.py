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
    Permission("cases.export", "导出案件", roles(Role.CHAIR, Role.OFFICER), Line.RIGHTS),
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
        "cases.ask_export": "申请导出案件",
        "cases.exported": "导出案件",
        "cases.download_export": "下载导出的案件",
        "cases.clocks_recomputed": "按日历重算时限",
    }
)
# Incidents.
declare(
    Permission("cases.incidents", "查看群体性事件", _READERS),
    Permission("cases.incidents_handle", "处置群体性事件", _HANDLERS, Line.RIGHTS),
    Permission("cases.incidents_sign", "签发权威发布", roles(Role.LEADER, Role.CHAIR)),
)
# Tasks and plans.
declare(
    Permission("cases.tasks", "查看联动任务和规划", _READERS),
    Permission("cases.tasks_handle", "办理联动任务", _HANDLERS),
    Permission("cases.plans", "登记规划和交办任务", roles(Role.OFFICER, Role.LEADER)),
)
# Supervision, transfers to other federations.
declare(
    Permission("cases.supervision", "查看督办", _READERS),
    Permission("cases.supervise", "发出督办", roles(Role.LEADER, Role.OFFICER)),
    Permission("cases.supervision_reply", "回复督办", _HANDLERS),
    Permission("cases.transfer", "跨联合会移送案件", roles(Role.OFFICER), Line.RIGHTS),
)
verbs.declare(
    {
        "cases.incident_told": "登记事件报告",
        "cases.incident_logged": "记录事件日志",
        "cases.incident_duty": "安排事件岗位",
        "cases.incident_opinion": "登记职工意见",
        "cases.incident_answered": "答复职工意见",
        "cases.incident_talk": "登记协商场次",
        "cases.incident_agreement": "登记事件协议",
        "cases.incident_performed": "登记协议履行",
        "cases.release_drafted": "拟权威发布",
        "cases.release_checked": "核实权威发布",
        "cases.release_signed": "签发权威发布",
        "cases.release_published": "发布权威信息",
        "cases.release_dropped": "作废权威发布",
        "cases.incident_data_gone": "销毁事件个人信息",
        "cases.cluster_raised": "案件集中，自动预警",
        "cases.plan_made": "登记规划",
        "cases.plan_closed": "结束规划",
        "cases.task_given": "交办任务",
        "cases.task_part": "任务分工",
        "cases.part_replied": "答复任务分工",
        "cases.part_settled": "审核任务分工",
        "cases.supervised": "督办",
        "cases.supervision_replied": "回复督办",
        "cases.supervision_settled": "了结督办",
        "cases.supervision_escalated": "督办上移",
        "cases.sent_away": "移送其他联合会",
        "cases.taken_over": "接收其他联合会移送",
        "cases.receipt_made": "生成移送回执",
        "cases.receipt_taken": "登记移送回执",
    }
)
# What people bring to the union is read on the case's own pages only.
attachments.guard("cases.file", "cases.incident_photo")

# Disputes, mediation, partners.
_DISPUTES = roles(_HANDLERS, Role.REVIEWER, Role.LEADER, Role.AUDITOR, Role.CLERK)
declare(
    Permission("cases.disputes", "查看劳动争议", _DISPUTES, Line.RIGHTS),
    Permission("cases.disputes_handle", "办理劳动争议", _HANDLERS, Line.RIGHTS),
    Permission("cases.mediation", "查看调解组织和调解员", _READERS, Line.RIGHTS),
    Permission("cases.mediation_edit", "管理调解组织和调解员", roles(Role.CHAIR, Role.OFFICER), Line.RIGHTS),
    Permission("cases.partners", "查看联动单位", _READERS, Line.RIGHTS),
    Permission("cases.partners_edit", "管理联动单位和席位", roles(Role.OFFICER), Line.RIGHTS),
    Permission("cases.refer", "向联动单位转办案件", _HANDLERS, Line.RIGHTS),
    Permission("cases.referrals", "办理转来的案件", roles(Role.AGENCY)),
    Permission("cases.mediate", "办理指派的调解", roles(Role.MEDIATOR)),
)
verbs.declare(
    {
        "cases.dispute_filed": "登记劳动争议",
        "cases.dispute_facts": "修改争议情况",
        "cases.dispute_rated": "评价争议办理",
        "cases.mediation_body_saved": "登记调解组织",
        "cases.mediator_saved": "登记调解员",
        "cases.mediator_leave": "调解员请假",
        "cases.mediator_assigned": "指派调解员",
        "cases.session_held": "记录调解会",
        "cases.agreement_drafted": "拟定调解协议",
        "cases.agreement_signed": "签署调解协议",
        "cases.instalment_paid": "登记协议履行",
        "cases.document_made": "生成文书",
        "cases.partner_saved": "登记联动单位",
        "cases.seat_added": "开通联动席位",
        "cases.seat_ended": "停用联动席位",
        "cases.referred": "转办案件",
        "cases.referral_accepted": "接收转办",
        "cases.referral_returned": "退回转办",
        "cases.referral_replied": "答复转办",
        "cases.referral_withdrawn": "撤回转办",
        "cases.referral_noted": "办结转办",
        "cases.referral_file_opened": "联动单位查看材料",
        "cases.referral_file_added": "联动单位提供材料",
    }
)

# Legal aid, lawyers, firms they serve.
declare(
    Permission("cases.aid", "查看法律援助", _DISPUTES, Line.RIGHTS),
    Permission("cases.aid_handle", "办理法律援助", roles(Role.OFFICER), Line.RIGHTS),
    Permission("cases.aid_pay", "支付法律援助补贴", roles(Role.OFFICER), Line.RIGHTS),
    Permission("cases.lawyers", "查看律师和法律援助机构", roles(_READERS, Role.CLERK), Line.RIGHTS),
    Permission("cases.lawyers_edit", "管理律师和法律援助机构", roles(Role.OFFICER), Line.RIGHTS),
    Permission("cases.aid_work", "承办法律援助", roles(Role.LAWYER)),
)
verbs.declare(
    {
        "cases.aid_applied": "申请法律援助",
        "cases.aid_decided": "决定法律援助",
        "cases.aid_assigned": "指派律师",
        "cases.aid_answered": "律师答复指派",
        "cases.aid_replaced": "更换律师",
        "cases.aid_worked": "登记办案记录",
        "cases.aid_reported": "报告法律援助办结",
        "cases.aid_closed": "法律援助结案",
        "cases.aid_fee": "核定办案补贴",
        "cases.aid_paid": "支付办案补贴",
        "cases.aid_rated": "评价法律援助",
        "cases.aid_body_saved": "登记法律援助机构",
        "cases.aid_body_closed": "法律援助机构停止服务",
        "cases.aid_duty": "安排律师值班",
        "cases.lawyer_saved": "登记律师",
        "cases.lawyer_ended": "解聘律师",
        "cases.lawyer_leave": "律师休假",
        "cases.lawyer_conflict": "登记律师利害关系",
        "cases.counsel_spread": "批量分配企业服务律师",
        "cases.counsel_undone": "撤销批量分配",
        "cases.counsel_set": "安排企业服务律师",
        "cases.counsel_visited": "律师进企业",
    }
)

# Appeals: what workers ask of the union, through whatever channel.
declare(
    Permission("cases.appeals", "查看诉求", roles(_READERS, Role.CLERK)),
    Permission("cases.appeals_handle", "办理诉求", _HANDLERS, Line.RIGHTS),
    Permission("cases.hotline", "导入热线工单", roles(Role.OFFICER, Role.CLERK), Line.RIGHTS),
)
verbs.declare(
    {
        "cases.appeal_rated": "评价诉求答复",
        "cases.appeal_supplied": "补充诉求情况",
        "cases.appeal_extended": "延长诉求办理期限",
        "cases.hotline_received": "上传热线工单",
        "cases.hotline_confirmed": "确认导入热线工单",
        "cases.hotline_taken": "导入热线工单",
        "cases.hotline_discarded": "放弃热线工单",
        "cases.hotline_emptied": "到期清除热线工单文件",
        "cases.hotline_faults": "下载热线工单错误行",
        "cases.contact_revealed": "查看诉求联系方式",
        "cases.counted_from": "补录材料，按材料日期计时",
    }
)
attachments.guard("cases.hotline")
