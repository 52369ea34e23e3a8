"""Who does what in benefits. Each noun adds its own permissions and the words of its journal actions here."""

from unionhall.foundation.permissions import Line, Permission, Role, declare, roles
from unionhall.records import attachments, verbs

# Entitlements: how far benefits reach.
declare(
    Permission(
        "benefits.view",
        "查看普惠保障情况",
        roles(Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER, Role.REVIEWER, Role.LEADER, Role.AUDITOR),
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
        "benefits.statement_reopened": "付款撤销，对账单待重新确认",
        "benefits.statement_kept": "不再收回的款抵作对账单应付",
        "benefits.statement_exported": "导出对账明细",
    }
)

# Needs: surveys and their figures; no one's answer is shown.
declare(
    Permission(
        "benefits.needs",
        "查看职工需求征集",
        roles(Role.OFFICER, Role.CLERK, Role.LEADER, Role.CHAIR, Role.AUDITOR),
    ),
    Permission("benefits.needs_edit", "发起和结束需求征集", roles(Role.OFFICER, Role.CHAIR), Line.WELFARE),
)
verbs.declare({"benefits.needs_opened": "发起需求征集", "benefits.needs_closed": "结束需求征集"})

# Medical mutual aid: settlement files, what people have to settle, claims with papers.
declare(
    Permission(
        "benefits.medical",
        "查看医疗互助结算",
        roles(Role.OFFICER, Role.REVIEWER, Role.AUDITOR),
        Line.WELFARE,
    ),
    Permission(
        "benefits.medical_claims",
        "查看医疗互助申请",
        roles(Role.CHAIR, Role.OFFICER, Role.REVIEWER, Role.AUDITOR),
        Line.WELFARE,
    ),
    Permission("benefits.medical_files", "上传和理算医保结算文件", roles(Role.OFFICER), Line.WELFARE),
    Permission(
        "benefits.medical_resolve",
        "处理医疗互助例外",
        roles(Role.OFFICER, Role.REVIEWER),
        Line.WELFARE,
    ),
    Permission(
        "benefits.medical_enrol",
        "登记参加医疗互助",
        roles(Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER),
        Line.WELFARE,
    ),
)
attachments.guard("benefits.settlements", "benefits.medical")
verbs.declare(
    {
        "benefits.settlements_received": "上传医保结算文件",
        "benefits.settlements_checked": "核对医保结算文件",
        "benefits.settlements_started": "开始理算",
        "benefits.settlements_adjudicated": "理算医保结算文件",
        "benefits.settlements_faults": "下载结算错误文件",
        "benefits.settlement_opened": "查看医保结算",
        "benefits.settlement_taken": "认领结算例外",
        "benefits.settlement_matched": "人工匹配结算",
        "benefits.settlement_accepted": "采纳结算例外",
        "benefits.settlement_dismissed": "剔除结算例外",
        "benefits.settlement_corrected": "更正医保结算",
        "benefits.settlement_revoked": "撤销医保结算的付款",
        "benefits.medical_enrolled": "登记参加医疗互助",
        "benefits.medical_claimed": "申请医疗互助",
        "benefits.medical_claim_opened": "查看医疗互助申请",
        "benefits.medical_paper_opened": "打开医疗互助材料",
    }
)

# Relief: hardship files with what a household earns and suffers from; few see them, fewer what is sealed.
_RELIEF_KEEPERS = roles(Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER)
declare(
    Permission(
        "benefits.relief",
        "查看困难职工档案",
        roles(_RELIEF_KEEPERS, Role.REVIEWER, Role.AUDITOR),
        Line.WELFARE,
    ),
    Permission("benefits.relief_handle", "办理困难帮扶", _RELIEF_KEEPERS, Line.WELFARE),
    Permission(
        "benefits.relief_papers",
        "打开困难帮扶材料",
        roles(_RELIEF_KEEPERS, Role.REVIEWER),
        Line.WELFARE,
    ),
    Permission("benefits.relief_check", "导出和导入民政核对", roles(Role.OFFICER), Line.WELFARE),
    Permission("benefits.relief_aid", "发放帮扶金", roles(Role.OFFICER), Line.WELFARE),
    Permission(
        "benefits.relief_health",
        "查看困难职工健康情况",
        roles(Role.CHAIR, Role.OFFICER, Role.REVIEWER),
        Line.WELFARE,
    ),
)
# Names and numbers of whole households: only the batch's own page hands the file out.
attachments.guard("benefits.civil_check", "benefits.relief_paper", "benefits.relief_authorisation")
verbs.declare(
    {
        "benefits.relief_applied": "申请困难帮扶",
        "benefits.relief_assessed": "困难测算",
        "benefits.relief_paper_added": "上传困难帮扶材料",
        "benefits.relief_paper_opened": "打开困难帮扶材料",
        "benefits.relief_visited": "登记走访",
        "benefits.relief_check_made": "导出民政核对名单",
        "benefits.relief_check_opened": "下载民政核对名单",
        "benefits.relief_check_taken": "导入民政核对结果",
        "benefits.relief_check_explained": "说明核对不一致",
        "benefits.relief_publicised": "困难建档公示",
        "benefits.relief_approved": "困难建档",
        "benefits.relief_helper": "指定帮扶责任人",
        "benefits.relief_aided": "发放帮扶金",
        "benefits.relief_aid_revoked": "撤销帮扶金",
        "benefits.relief_verified": "困难档案年度复核",
        "benefits.relief_exit_proposed": "提出退出帮扶",
        "benefits.relief_exit_publicised": "退出帮扶公示",
        "benefits.relief_exit_dropped": "取消退出帮扶",
        "benefits.relief_exited": "退出帮扶",
        "benefits.relief_reopened": "恢复帮扶",
        "benefits.relief_closed": "注销困难档案",
        "benefits.relief_revealed": "查看困难职工健康情况",
    }
)

# Cover: who is insured, claims, the insurer's roll.
declare(
    Permission(
        "benefits.cover",
        "查看保险保障和理赔",
        roles(Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER, Role.REVIEWER, Role.CLERK, Role.AUDITOR),
    ),
    Permission(
        "benefits.cover_claim",
        "代办理赔申请",
        roles(Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER, Role.CLERK),
        Line.WELFARE,
    ),
    Permission("benefits.cover_roll", "生成和下载投保名单", roles(Role.OFFICER), Line.WELFARE),
)
verbs.declare(
    {
        "benefits.enrolled": "登记参保",
        "benefits.cover_ended": "终止参保",
        "benefits.cover_claim_started": "填写理赔申请",
        "benefits.cover_claim_submitted": "提交理赔申请",
        "benefits.cover_claim_dropped": "删除未提交的理赔申请",
        "benefits.cover_paper_added": "上传理赔材料",
        "benefits.cover_paper_removed": "删除理赔材料",
        "benefits.cover_paper_opened": "查看理赔材料",
        "benefits.cover_claim_shown": "查看理赔情况",
        "benefits.cover_assessed": "理赔核定",
        "benefits.cover_revoked": "撤销理赔的付款",
        "benefits.cover_claims_closed": "理赔结案",
        "benefits.cover_roll_asked": "申请投保名单",
        "benefits.cover_roll_made": "生成投保名单",
        "benefits.cover_roll_downloaded": "下载投保名单",
    }
)
attachments.guard("benefits.cover_claim", "benefits.cover_roll")

# Plans that a unit takes out for its members.
declare(
    Permission(
        "benefits.plans",
        "查看单位投保",
        roles(Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER, Role.AUDITOR),
    ),
    Permission("benefits.plan_take", "为会员投保和续保", roles(Role.CHAIR, Role.GRASSROOTS_OFFICER)),
)
verbs.declare(
    {
        "benefits.plan_started": "建立投保名单",
        "benefits.plan_listed": "调整投保名单",
        "benefits.plan_submitted": "提交投保名单",
        "benefits.plan_effective": "单位投保生效",
        "benefits.plan_cancelled": "撤销单位投保",
    }
)

# Insurers: who they are is the desk's; rolls and files of their own are all that their seats see.
declare(
    Permission(
        "benefits.insurers", "查看保险承办机构", roles(Role.OFFICER, Role.AUDITOR, Role.LEADER), Line.WELFARE
    ),
    Permission("benefits.insurers_edit", "登记保险承办机构和席位", roles(Role.OFFICER), Line.WELFARE),
    Permission("benefits.insurance", "下载本机构投保名单、报送医保结算", roles(Role.INSURER)),
)
verbs.declare(
    {
        "benefits.insurer_saved": "登记保险承办机构",
        "benefits.insurer_seat_added": "开通承办席位",
        "benefits.insurer_seat_ended": "停用承办席位",
        "benefits.cover_roll_fetched": "承办机构下载投保名单",
    }
)

# Career subsidy.
declare(
    Permission(
        "benefits.subsidy",
        "查看助推补贴申请",
        roles(Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER, Role.REVIEWER, Role.AUDITOR),
    ),
    Permission("benefits.certificates", "导入技能证书", roles(Role.OFFICER), Line.WELFARE),
    Permission("benefits.subsidy_publish", "公示助推补贴", roles(Role.OFFICER), Line.WELFARE),
)
verbs.declare(
    {
        "benefits.certificates_registered": "登记技能证书",
        "benefits.subsidy_applied": "申请助推补贴",
        "benefits.subsidy_publicised": "公示助推补贴",
        "benefits.subsidy_cancelled": "撤销助推补贴",
    }
)
