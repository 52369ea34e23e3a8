"""Roles, lines of work and permissions: the vocabulary in which every room's `policy.py` declares who may do what.

A role is held by a grant on one organisation and reaches its subtree; a permission names the roles that carry it.
Held here, below the tree of unions, because code of every floor depends on the names (house.md, Schemes).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache


class Role(StrEnum):
    """Who someone is on the platform. The value is stored in grants; the label is what people read."""

    WORKER = "worker"
    CHAIR = "chair"
    GRASSROOTS_OFFICER = "grassroots_officer"
    OFFICER = "officer"
    CLERK = "clerk"
    REVIEWER = "reviewer"
    LEADER = "leader"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    AGENCY = "agency"
    LAWYER = "lawyer"
    MEDIATOR = "mediator"
    MERCHANT = "merchant"
    VENDOR = "vendor"
    INSURER = "insurer"

    @property
    def label(self) -> str:
        return ROLE_LABELS[self]

    @property
    def is_partner(self) -> bool:
        return self in PARTNERS


ROLE_LABELS = {
    Role.WORKER: "职工",
    Role.CHAIR: "基层工会主席",
    Role.GRASSROOTS_OFFICER: "基层工会干部",
    Role.OFFICER: "上级工会干部",
    Role.CLERK: "窗口人员",
    Role.REVIEWER: "审核员",
    Role.LEADER: "领导",
    Role.AUDITOR: "审计员",
    Role.OPERATOR: "运维人员",
    Role.AGENCY: "联动部门",
    Role.LAWYER: "律师",
    Role.MEDIATOR: "调解员",
    Role.MERCHANT: "服务商户",
    Role.VENDOR: "承接机构",
    Role.INSURER: "承保机构",
}
PARTNERS = frozenset({Role.AGENCY, Role.LAWYER, Role.MEDIATOR, Role.MERCHANT, Role.VENDOR, Role.INSURER})
DESK = frozenset(
    {
        Role.CHAIR,
        Role.GRASSROOTS_OFFICER,
        Role.OFFICER,
        Role.CLERK,
        Role.REVIEWER,
        Role.LEADER,
        Role.AUDITOR,
        Role.OPERATOR,
    }
)


class Line(StrEnum):
    """An officer's line of work (条线). `general` carries every line."""

    GENERAL = "general"
    ORGANISING = "organising"
    RIGHTS = "rights"
    WELFARE = "welfare"
    ECONOMIC = "economic"
    CULTURE = "culture"
    FINANCE = "finance"

    @property
    def label(self) -> str:
        return LINE_LABELS[self]


LINE_LABELS = {
    Line.GENERAL: "综合",
    Line.ORGANISING: "组织建设",
    Line.RIGHTS: "权益保障",
    Line.WELFARE: "帮扶保障",
    Line.ECONOMIC: "劳动经济",
    Line.CULTURE: "宣传文体",
    Line.FINANCE: "财务资产",
}

#: Permissions of pages that are not about anyone's data.
EVERYONE = "everyone"
SIGNED_IN = "signed-in"


@dataclass(frozen=True)
class Permission:
    """One thing that may be done, who may do it, and the line of work it belongs to (None: any line)."""

    code: str
    label: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    line: Line | None = None


_registry: dict[str, Permission] = {}


class UnknownPermission(LookupError):
    """A permission was asked for that no room declares: a spelling mistake, never a refusal."""


def declare(*permissions: Permission) -> None:
    """Called by each room's policy.py. A second, different declaration of the same code is a mistake."""
    for permission in permissions:
        if _registry.setdefault(permission.code, permission) != permission:
            raise ValueError(f"permission {permission.code} is declared twice")


def permission(code: str) -> Permission:
    try:
        return _registry[code]
    except KeyError:
        raise UnknownPermission(code) from None


def all_permissions() -> list[Permission]:
    return sorted(_registry.values(), key=lambda item: item.code)


@lru_cache(maxsize=5000)
def carries(code: str, role: Role, line: Line | None) -> bool:
    """Whether a grant of this role and line carries the permission."""
    wanted = permission(code)
    if role not in wanted.roles:
        return False
    return role is not Role.OFFICER or wanted.line is None or line in (None, Line.GENERAL, wanted.line)


def roles(*groups: Role | Iterable[Role]) -> frozenset[Role]:
    """Role sets that read like a sentence: `roles(Role.CHAIR, DESK)`."""
    found: set[Role] = set()
    for group in groups:
        found.update([group] if isinstance(group, Role) else group)
    return frozenset(found)
