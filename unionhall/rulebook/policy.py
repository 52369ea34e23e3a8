"""Who sees decisions and schemes, and who may change a scheme."""

from unionhall.foundation.permissions import Permission, Role, declare, roles

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
    Permission("rulebook.draft", "起草和测算方案", roles(Role.OFFICER)),
    Permission("rulebook.publish", "发布方案", roles(Role.LEADER)),
)
