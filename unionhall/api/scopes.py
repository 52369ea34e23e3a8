"""What a client may be given, and which permission stands behind it: declarations only."""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """A right of a client, named as partners write it."""

    CARDS_VERIFY = "cards:verify"
    MEMBERS_STATUS = "members:status"
    ORGANISATIONS_READ = "organisations:read"
    FIGURES_READ = "figures:read"
    ROSTERS_WRITE = "rosters:write"

    @property
    def label(self) -> str:
        return DECLARED[self].label


@dataclass(frozen=True)
class Right:
    """The words for a scope, and the permission it carries."""

    label: str
    permission: str


#: A client holds a permission in its organisation's subtree exactly when one of its scopes carries it.
DECLARED = {
    Scope.CARDS_VERIFY: Right("核验会员卡", "members.view"),
    Scope.MEMBERS_STATUS: Right("查询会员身份", "members.view"),
    Scope.ORGANISATIONS_READ: Right("读取工会组织", "organisations.view"),
    Scope.FIGURES_READ: Right("读取统计数据", "organisations.figures"),
    Scope.ROSTERS_WRITE: Right("报送会员名册", "members.intake"),
}
CHOICES = [(scope.value, right.label) for scope, right in DECLARED.items()]
