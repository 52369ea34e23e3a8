"""Who sees reviews and who decides them. Which role decides a given step is the step's own."""

from unionhall.foundation.permissions import Permission, Role, declare, roles
from unionhall.records import attachments, verbs

declare(
    Permission(
        "reviews.view",
        "查看办件",
        roles(
            Role.CHAIR,
            Role.GRASSROOTS_OFFICER,
            Role.OFFICER,
            Role.REVIEWER,
            Role.LEADER,
            Role.AUDITOR,
            Role.CLERK,
        ),
    ),
    Permission(
        "reviews.decide", "审核办件", roles(Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER, Role.REVIEWER)
    ),
    Permission("reviews.urge", "督办下级办件", roles(Role.OFFICER, Role.LEADER)),
    Permission("reviews.assign", "安排他人的代办", roles(Role.CHAIR, Role.OFFICER)),
)
#: What windows stored before it was kept under its procedure (`Procedure.paper_purpose`).
attachments.guard("reviews.supplement")
verbs.declare(
    {
        "reviews.counted_from": "按材料日期受理",
        "reviews.appealed": "申请复核",
        "reviews.delegated": "安排代办",
        "reviews.delegation_ended": "收回代办",
    }
)
