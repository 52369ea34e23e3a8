"""Who sees and handles cases. Each kind adds its own permissions and the words of its journal actions here."""

from unionhall.foundation.permissions import Line, Permission, Role, declare, roles

_HANDLERS = roles(Role.CHAIR, Role.GRASSROOTS_OFFICER, Role.OFFICER)
_READERS = roles(_HANDLERS, Role.REVIEWER, Role.LEADER, Role.AUDITOR)

# Every kind.
declare(
    Permission("cases.view", "查看案件", roles(_READERS, Role.CLERK)),
    Permission("cases.open", "登记案件", roles(_HANDLERS, Role.CLERK)),
    Permission("cases.assign", "分派案件", roles(Role.CHAIR, Role.OFFICER), Line.RIGHTS),
)
