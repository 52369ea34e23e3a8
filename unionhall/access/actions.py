"""Verbs of access: open an account, grant and revoke a role, reset a password, close an account."""

from __future__ import annotations

import re
import secrets
from datetime import date

from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils import timezone

from unionhall.foundation.actors import Actor, NotAllowed, SystemAccess
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import DESK, PARTNERS, Line, Role, carries
from unionhall.kit.masking import hide_numbers
from unionhall.organisations.kinds import Status
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal

from . import second_factor, sessions
from .granting import grantable, line_within
from .grants import GrantedAccess
from .models import Account, Grant, SignInSession

USERNAME = re.compile(r"[A-Za-z0-9_.\-]{3,40}", re.ASCII)
#: No letters or digits that look alike: an initial password is read out and typed once.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
PASSWORD_LENGTH = 14


def initial_password() -> str:
    """About 69 bits, in groups that are easy to read out."""
    text = "".join(secrets.choice(_ALPHABET) for _ in range(PASSWORD_LENGTH))
    return f"{text[:5]}-{text[5:10]}-{text[10:]}"


def roles_grantable_by(actor: Actor, organisation: Organisation) -> frozenset[Role]:
    """The roles the actor may grant at this union."""
    if isinstance(actor.access, SystemAccess):
        return frozenset(Role) - {Role.WORKER}
    found: frozenset[Role] = frozenset()
    for grant in _over(actor, organisation):
        found |= grantable(Role(grant.role), below=grant.organisation_id != organisation.pk)
    return found


def _over(actor: Actor, organisation: Organisation) -> list[Grant]:
    """The actor's own grants that carry `access.grant` and reach the union, in either chain."""
    if not isinstance(actor.access, GrantedAccess):
        return []
    return [
        grant
        for grant in actor.access.grants
        if carries("access.grant", Role(grant.role), Line(grant.line))
        and any(path.startswith(prefix) for prefix in grant.organisation.paths for path in organisation.paths)
    ]


def _may_grant(actor: Actor, role: Role, line: Line, organisation: Organisation) -> None:
    actor.require("access.grant", *organisation.paths)
    if role not in DESK | PARTNERS:
        raise Refused("职工不需要授权。", field="role")
    if isinstance(actor.access, SystemAccess):
        return
    if role not in roles_grantable_by(actor, organisation):
        raise Refused(
            f"您不能在这个工会授予“{role.label}”：只能授予低于自己的角色，和自己相同的角色只能授予下级工会。",
            field="role",
        )
    if not _reaches(actor, role, line, organisation):
        raise Refused("只能授予自己所在条线的上级工会干部。", field="line")


def _reaches(actor: Actor, role: Role, line: Line, organisation: Organisation) -> bool:
    """Whether the actor may give, and so may take or look after, this role in this line of work at the union."""
    if isinstance(actor.access, SystemAccess):
        return role is not Role.WORKER
    holders = [
        grant
        for grant in _over(actor, organisation)
        if role in grantable(Role(grant.role), below=grant.organisation_id != organisation.pk)
    ]
    return any(
        role is not Role.OFFICER
        or Role(grant.role) is not Role.OFFICER
        or line_within(Line(grant.line), line)
        for grant in holders
    )


@transaction.atomic
def open_account(
    actor: Actor,
    *,
    username: str,
    display_name: str,
    role: str,
    organisation: Organisation,
    line: str = Line.GENERAL,
    since: date | None = None,
    until: date | None = None,
    reason: str = "",
) -> tuple[Account, str]:
    """A desk account with its first grant; answers the account and its initial password, which is shown once.

    The password must be changed at the first sign-in. Raises Refused for a name that is taken or malformed.
    """
    actor.require("access.grant", *organisation.paths)
    name = username.strip().lower()
    if not USERNAME.fullmatch(name):
        raise Refused("账号用 3 至 40 个字母、数字、点、横线或下划线。", field="username")
    if len(display_name.strip()) < 2:
        raise Refused("请填写姓名。", field="display_name")
    password = initial_password()
    try:
        with transaction.atomic():
            account = Account.objects.create_user(
                name, password, display_name=display_name.strip()[:60], must_change_password=True
            )
    except IntegrityError:
        raise Refused("这个账号已被使用，请换一个。", field="username") from None
    journal(
        actor,
        "access.open_account",
        subject=account,
        label=account.words,
        paths=organisation.paths,
        reason=reason,
    )
    grant(
        actor,
        account=account,
        role=role,
        line=line,
        organisation=organisation,
        since=since,
        until=until,
        reason=reason,
    )
    return account, password


@transaction.atomic
def grant(
    actor: Actor,
    *,
    account: Account,
    role: str,
    organisation: Organisation,
    line: str = Line.GENERAL,
    since: date | None = None,
    until: date | None = None,
    reason: str = "",
) -> Grant:
    """Give a role over a union's subtree for a period; `until` is the first day without it. Never to oneself."""
    wanted, work = Role(role), Line(line)
    if account.pk == actor.account_id:
        raise Refused("不能给自己授权，请由上级工会办理。")
    _may_grant(actor, wanted, work, organisation)
    if organisation.status in {Status.DISSOLVED, Status.MERGED}:
        raise Refused("这个工会已撤销或合并，不能再授权。", field="organisation")
    start = since or timezone.localdate()
    if until is not None and until <= start:
        raise Refused("结束日期必须晚于开始日期。", field="until")
    if until is not None and until <= timezone.localdate():
        raise Refused("结束日期已经过去，请核对。", field="until")
    # The same role twice at one union would make revoking one of them look like revoking the right.
    Account.objects.select_for_update().get(pk=account.pk)
    rows = Grant.objects.everywhere(reason="the account's own grants, compared before another is added")
    same = rows.filter(account=account, role=wanted, line=work, organisation=organisation)
    if same.filter(period__overlap=DateRange(start, until)).exists():
        raise Refused("这个账号在这段时间已有同样的授权。", field="role")
    found = Grant.objects.create(
        account=account,
        role=wanted,
        line=work if wanted is Role.OFFICER else Line.GENERAL,
        organisation=organisation,
        period=DateRange(start, until),
        granted_by=actor.name[:60],
        reason=hide_numbers(reason)[:200],
    )
    detail = {
        "account": account.pk,
        "role": wanted.value,
        "line": found.line,
        "organisation": organisation.pk,
    }
    journal(actor, "access.grant", subject=account, paths=organisation.paths, reason=reason, detail=detail)
    return found


@transaction.atomic
def revoke(actor: Actor, *, grant: Grant, reason: str, on: date | None = None) -> None:
    """End a grant from `on` (default today). One that would not have begun by then is removed; the journal keeps it."""
    rows = Grant.objects.everywhere(reason="the grant to end; permission is asked on its union")
    found = rows.select_for_update(of=("self",)).select_related("organisation", "account").get(pk=grant.pk)
    union = found.organisation
    actor.require("access.grant", *union.paths)
    if not _reaches(actor, Role(found.role), Line(found.line), union):
        raise Refused(f"您不能收回“{Role(found.role).label}”的授权，请由上级工会或运维人员办理。")
    if len(reason.strip()) < 2:
        raise Refused("请填写收回原因。", field="reason")
    day = on or timezone.localdate()
    if found.period.upper is not None and found.period.upper <= day:
        raise Refused("这项授权已经结束。", field="on")
    detail = {
        "account": found.account_id, "role": found.role, "line": found.line, "organisation": union.pk,
        "since": str(found.period.lower), "on": day.isoformat(),
    }  # fmt: skip
    if found.period.lower is None or found.period.lower >= day:
        found.delete()
    else:
        found.period = DateRange(found.period.lower, day)
        found.save(update_fields=["period"])
    journal(actor, "access.revoke", subject=found.account, paths=union.paths, reason=reason, detail=detail)


def require_keeper(actor: Actor, account: Account) -> tuple[str, ...]:
    """Who keeps an account holds `access.grant` over every union in which it works, and may grant each of its roles."""
    if account.pk == actor.account_id:
        raise Refused("这是您自己的账号，请在“账号与安全”里办理。")
    rows = Grant.objects.everywhere(reason="all grants of the account decide who may keep it")
    # Those that begin later count too: a password reset today would still be known then.
    held = list(
        rows.filter(account=account)
        .filter(Q(period__upper_inf=True) | Q(period__endswith__gt=timezone.localdate()))
        .select_related("organisation")
        .order_by("period", "pk")
    )
    if not held and not isinstance(actor.access, SystemAccess):
        raise NotAllowed("access.grant")
    for one in held:
        actor.require("access.grant", *one.organisation.paths)
        if not _reaches(actor, Role(one.role), Line(one.line), one.organisation):
            raise NotAllowed("access.grant")
    return held[0].organisation.paths if held else ()


@transaction.atomic
def reset_password(actor: Actor, *, account: Account, reason: str) -> str:
    """A new initial password, shown once; the old one and every open session end at once."""
    paths = require_keeper(actor, account)
    password = initial_password()
    account.set_password(password)
    account.must_change_password = True
    account.save(update_fields=["password", "must_change_password"])
    sessions.end(account)
    journal(actor, "access.reset_password", subject=account, paths=paths, reason=reason)
    return password


@transaction.atomic
def reset_second_factor(actor: Actor, *, account: Account, reason: str) -> str:
    """A lost authenticator is forgotten and the password reset with it; answers the new initial one, shown once.

    Without its second factor the old password alone would open the account, also to whoever took the phone.
    """
    paths = require_keeper(actor, account)
    second_factor.remove(account)
    journal(
        actor, "access.reset_second_factor", subject=account, label=account.words, paths=paths, reason=reason
    )
    return reset_password(actor, account=account, reason=reason)


@transaction.atomic
def close_account(actor: Actor, *, account: Account, reason: str) -> None:
    """停用: the account cannot sign in; its history stays."""
    paths = require_keeper(actor, account)
    if len(reason.strip()) < 2:
        raise Refused("请填写停用原因。", field="reason")
    account.is_active = False
    account.save(update_fields=["is_active"])
    sessions.end(account)
    journal(actor, "access.close_account", subject=account, paths=paths, reason=reason)


@transaction.atomic
def end_sessions(actor: Actor, *, account: Account, reason: str) -> int:
    """Sign an account out everywhere; answers how many sessions ended."""
    paths = require_keeper(actor, account)
    # A password that is being changed renews its session: that one is waited for, and ends too.
    Account.objects.select_for_update().get(pk=account.pk)
    count = sessions.end(account)
    detail = {"sessions": count}
    journal(
        actor,
        "access.end_sessions",
        subject=account,
        label=account.words,
        paths=paths,
        reason=reason,
        detail=detail,
    )
    return count


@transaction.atomic
def link_provider(actor: Actor, *, account: Account, subject: str, reason: str) -> None:
    """Say which subject at the identity provider an account is; empty takes the link away. Sessions by it end."""
    from . import providers  # requests and jwt: no other command waits for them

    paths = require_keeper(actor, account)
    ours = providers.provider()
    if ours is None:
        raise Refused("本站没有接入统一身份认证。")
    if account.phone_index is not None:
        raise Refused("这是职工的手机账号，不能用统一身份登录。")
    SocialAccount.objects.filter(user=account, provider=ours.code).delete()
    SignInSession.objects.filter(account=account, method=sessions.BY_PROVIDER).delete()
    if subject := subject.strip():
        try:
            with transaction.atomic():
                SocialAccount.objects.create(user=account, provider=ours.code, uid=subject)
        except IntegrityError:
            raise Refused("这个统一身份编号已经关联了另一个账号。", field="subject") from None
    verb = "access.link_provider" if subject else "access.unlink_provider"
    journal(actor, verb, subject=account, label=account.words, paths=paths, reason=reason)
