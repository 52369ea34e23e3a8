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
        "cases.exported": "导出案件",
        "cases.clocks_recomputed": "按日历重算时限",
    }
)
# What people bring to the union is read on the case's own pages only.
attachments.guard("cases.file")

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
