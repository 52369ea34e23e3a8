"""Cases in the menus; each noun adds its own lines."""

from unionhall.foundation.navigation import Entry, declare
from unionhall.foundation.permissions import EVERYONE

# Every kind.
declare(Entry("desk", "维权", "案件", "desk_cases", "briefcase", "cases.view", 20))

# Appeals.
declare(Entry("public", "", "投诉建议", "public_feedback", "message", EVERYONE, 55))

# Disputes.
declare(
    Entry("desk", "维权", "劳动争议", "desk_disputes", "scale", "cases.disputes", 21),
    Entry("desk", "", "转来的案件", "partner_referrals", "inbox", "cases.referrals", 4),
    Entry("desk", "", "我的调解", "partner_mediations", "scale", "cases.mediate", 4),
)

# Incidents, supervision, tasks.
declare(
    Entry("desk", "维权", "群体性事件", "desk_incidents", "alarm", "cases.incidents", 23),
    Entry("desk", "维权", "督办", "desk_supervision", "eye", "cases.supervision", 24),
    Entry("desk", "维权", "联动任务", "desk_tasks", "checklist", "cases.tasks", 25),
    Entry("desk", "维权", "跨联合会移送", "desk_case_transfers", "transfer", "cases.transfer", 26),
)

# Legal aid and lawyers.
declare(
    Entry("desk", "维权", "法律援助", "desk_aid", "gavel", "cases.aid", 22),
    Entry("desk", "维权", "律师名册", "desk_lawyers", "users", "cases.lawyers", 22),
    Entry("desk", "", "我的援助案件", "partner_aid", "gavel", "cases.aid_work", 4),
    Entry("desk", "", "我服务的企业", "partner_firms", "building", "cases.aid_work", 5),
)
