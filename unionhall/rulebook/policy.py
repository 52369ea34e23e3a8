"""Who sees decisions and schemes, and who may change a scheme."""

from unionhall.foundation.permissions import Permission, Role, declare, roles
from unionhall.records import verbs

declare(
    Permission(
        "rulebook.decisions",
        "查看待遇决定",
        roles(Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER, Role.REVIEWER, Role.LEADER, Role.AUDITOR),
    ),
    Permission(
        "rulebook.schemes",
        "查看方案",
        roles(
            Role.CHAIR,
            Role.GRASSROOTS_OFFICER,
            Role.OFFICER,
            Role.CLERK,
            Role.REVIEWER,
            Role.LEADER,
            Role.AUDITOR,
        ),
    ),
    Permission("rulebook.drafts", "查看方案草稿", roles(Role.OFFICER, Role.LEADER, Role.AUDITOR)),
    Permission("rulebook.draft", "起草和测算方案", roles(Role.OFFICER)),
    Permission("rulebook.publish", "发布方案", roles(Role.OFFICER, Role.LEADER)),
)
verbs.declare(
    {
        "rulebook.decided": "作出待遇决定",
        "rulebook.decided_many": "批量作出待遇决定",
        "rulebook.drafted": "起草方案",
        "rulebook.revised": "修改方案草稿",
        "rulebook.discarded": "放弃方案草稿",
        "rulebook.simulated": "测算方案",
        "rulebook.affected_opened": "查看方案影响到的人",
        "rulebook.published": "发布方案",
        "rulebook.withdrawn": "撤回未生效的方案",
    }
)
