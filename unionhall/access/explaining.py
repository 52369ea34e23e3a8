"""Why an account can, or cannot, do something to what stands at a place: in sentences, grant by grant."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from unionhall.foundation.compiled import Compiled, Given
from unionhall.foundation.permissions import Line, Permission, Role, carries, permission
from unionhall.foundation.scope import Access
from unionhall.organisations.models import Organisation
from unionhall.organisations.paths import above

from .models import Account, Grant

#: So many unions are named as those who can grant.
GRANTORS = 3


@dataclass(frozen=True)
class Sentence:
    """One reason; `met` True speaks for, False against."""

    met: bool
    text: str
    source: str = ""


@dataclass
class Explanation:
    """The answer for one permission, its reasons, and who could change it."""

    permission: Permission
    allowed: bool = False
    sentences: list[Sentence] = field(default_factory=list)
    grantors: list[str] = field(default_factory=list)


def explain(
    account: Account,
    code: str,
    paths: tuple[str, ...],
    *,
    what: str,
    day: date,
    grants: list[Grant] | None = None,
    known: frozenset[int] | None = None,
) -> Explanation:
    """Whether the account holds `code` over an object at `paths` on a day, with every grant's part in it.

    `what` names the object in the sentences, such as "该会员（会籍在某工会）"; `grants` may be given to save the query.
    `known` are the grants that the asker may know of: of others only whether one of them carries the permission.
    """
    wanted = permission(code)
    found = Explanation(wanted)
    rows = grants if grants is not None else grants_of(account)
    if not account.is_active:
        found.sentences.append(Sentence(False, "账号已停用，不能登录。"))
    if not rows:
        found.sentences.append(Sentence(False, "这个账号没有任何授权，只能看到本人的信息。"))
    for grant in rows:
        sentence = _judge(grant, wanted, paths, what, day)
        if known is None or grant.pk in known:
            found.sentences.append(sentence)
        elif sentence.met:
            found.sentences.append(Sentence(True, "另有一项不在您查询范围内的授权，使这个账号有此权限。"))
        found.allowed = found.allowed or (sentence.met and account.is_active)
    found.sentences.sort(key=lambda one: not one.met)
    if not found.allowed:
        found.grantors = who_can_grant(paths, day)
    return found


def known_to(access: Access, account: Account) -> frozenset[int]:
    """Those of the account's grants that whoever asks may know of."""
    rows = Grant.objects.visible_to(access, to="access.explain").filter(account=account)
    return frozenset(rows.values_list("pk", flat=True))


def grants_of(account: Account) -> list[Grant]:
    rows = Grant.objects.everywhere(
        reason="all grants of one account; who asks is told only of those in scope"
    )
    return list(rows.filter(account=account).select_related("organisation").order_by("-period"))


def _judge(grant: Grant, wanted: Permission, paths: tuple[str, ...], what: str, day: date) -> Sentence:
    role, line = Role(grant.role), Line(grant.line)
    since, until = grant.period.lower, grant.period.upper
    who = role.label + (f"（{line.label}）" if role is Role.OFFICER and line is not Line.GENERAL else "")
    head = f"在“{grant.organisation.name}”担任{who}"
    term = (
        f"授权期间 {since:%Y-%m-%d} 至 {f'{until:%Y-%m-%d}' if until else '今'}" if since else "授权期间为空"
    )
    if since is None or since > day:
        return Sentence(False, f"{head}，但授权还没有开始。", term)
    if until is not None and until <= day:
        return Sentence(False, f"{head}，但授权已经结束。", term)
    if role not in wanted.roles:
        return Sentence(False, f"{head}，但这个角色没有“{wanted.label}”的权限。", term)
    if not carries(wanted.code, role, line):
        needed = wanted.line.label if wanted.line else ""
        return Sentence(False, f"{head}，但“{wanted.label}”属于{needed}条线。", term)
    chain = _chain(grant.organisation, paths)
    if chain is None:
        return Sentence(False, f"{head}，有“{wanted.label}”的权限，但{what}不在这个工会的范围内。", term)
    return Sentence(True, f"{head}，有“{wanted.label}”的权限；{what}按{chain}隶属在其范围内。", term)


def _chain(organisation: Organisation, paths: tuple[str, ...]) -> str | None:
    """By which chain the place stands under the union; the first of `paths` is the regional one."""
    own = tuple(organisation.paths)
    for path, name in zip(paths, ("地方", "产业"), strict=False):
        if path.startswith(own):
            return name
    return None


@lru_cache(maxsize=20)
def _granting(levels: int) -> Compiled[tuple[str, str]]:
    """Names and roles of the unions on so many given paths whose officers or operators may grant, nearest first."""
    places = [Given(f"path_{level}") for level in range(levels)]
    return Compiled(
        lambda: (
            Grant.objects.everywhere(reason="whom to ask for access, by union and role only")
            .in_force(Given("day"))  # type: ignore[arg-type]  # the day that each call brings
            .filter(role__in=[Role.OFFICER, Role.OPERATOR], organisation__path__in=places)
            .order_by("-organisation__path", "role")
            .values_list("organisation__name", "role")
            .distinct()[:GRANTORS]
        )
    )


def who_can_grant(paths: tuple[str, ...], day: date) -> list[str]:
    """The nearest unions above the place whose officers or operators may grant; nearest first."""
    if not paths:
        return []
    places = [*above(paths[0]), paths[0]]
    nearest = _granting(len(places))(day=day, **{f"path_{level}": path for level, path in enumerate(places)})
    return [f"{name}的{Role(role).label}" for name, role in nearest]
