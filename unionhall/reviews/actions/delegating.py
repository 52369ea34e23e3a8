"""Leave and travel: for some days another decides in one's place."""

from datetime import date, timedelta

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from unionhall.access.grants import access_of
from unionhall.access.models import Account, Grant
from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role, permission
from unionhall.members.hands import hands, hands_of
from unionhall.records.actions import journal, notify

from ..addresses import desk_delegations
from ..models import Delegation

LONGEST = timedelta(days=92)
_WHY = "a verb on a grant checks who acts by itself"


@transaction.atomic
def delegate(
    actor: Actor, *, grant: Grant, to: Account, starts: date, ends: date, cause: str, reason: str = ""
) -> Delegation:
    """Lend the role of a grant from `starts` to `ends` (both included): by its holder, or by who assigns work there.

    The delegate decides in that role, at that union and on those days only; he sees no more than before.
    """
    held = Grant.objects.everywhere(reason=_WHY).select_related("organisation", "account")
    fresh = held.select_for_update(of=("self",)).get(pk=grant.pk)
    _require_lender(actor, fresh)
    today = timezone.localdate()
    if starts < today:
        raise Refused("开始日期不能早于今天。", field="starts")
    if ends < starts:
        raise Refused("结束日期不能早于开始日期。", field="ends")
    if ends - starts >= LONGEST:
        raise Refused(f"一次最多安排 {LONGEST.days} 天，更长的请调整授权。", field="ends")
    if Role(fresh.role) not in permission("reviews.decide").roles:
        raise Refused("这个角色不审核办件，不用安排代办。", field="grant")
    if starts not in fresh.period or ends not in fresh.period or not fresh.account.is_active:
        raise Refused("授权在这段时间里没有生效，不能委托。", field="starts")
    _check_delegate(fresh, to, starts)
    others = Delegation.objects.everywhere(reason=_WHY).filter(grant=fresh, revoked_at=None)
    if others.filter(period__overlap=DateRange(starts, ends, "[]")).exists():
        raise Refused("这段时间已经安排了代办人，请先收回原来的安排。", field="starts")
    loan = Delegation.objects.create(
        grant=fresh,
        to=to,
        period=DateRange(starts, ends + timedelta(days=1)),
        cause=cause,
        reason=reason.strip()[:200],
        made_by=actor.name[:80],
    )
    _note(actor, "delegated", loan)
    for account_id in (to.pk, fresh.account_id):
        if account_id != actor.account_id:
            notify(
                account_id,
                "代办安排",
                f"{starts:%Y-%m-%d} 至 {ends:%Y-%m-%d}，由{to.display_name}代{fresh.account.display_name}"
                f"办理{fresh.organisation.name}{Role(fresh.role).label}的审核。",
                desk_delegations(),
                path=fresh.organisation.path,
            )
    return loan


@transaction.atomic
def end_delegation(actor: Actor, *, delegation: Delegation) -> Delegation:
    """Take the loan back at once: the lender, whoever assigns work there, or the delegate gives it back."""
    rows = Delegation.objects.everywhere(reason=_WHY).select_related(
        "grant__organisation", "grant__account", "to"
    )
    loan = rows.select_for_update(of=("self",)).get(pk=delegation.pk)
    if not hands(actor.access).touch(loan.to_id):
        _require_lender(actor, loan.grant)
    if loan.revoked_at is not None or loan.period.upper <= timezone.localdate():
        raise Refused("这个代办已经结束。")
    loan.revoked_at = timezone.now()
    loan.save(update_fields=["revoked_at"])
    _note(actor, "delegation_ended", loan)
    for account_id in (loan.to_id, loan.grant.account_id):
        if account_id != actor.account_id:
            notify(
                account_id,
                "代办已收回",
                f"{loan.grant.organisation.name}的代办已经结束。",
                desk_delegations(),
            )
    return loan


def _require_lender(actor: Actor, grant: Grant) -> None:
    if actor.account_id == grant.account_id and actor.may("reviews.decide", *grant.organisation.paths):
        return
    if not actor.may("reviews.assign", *grant.organisation.paths):
        raise NotAllowed("reviews.assign")


def _check_delegate(grant: Grant, to: Account, day: date) -> None:
    """Another person, who decides there or above by a grant of his own: he is lent a role, never a wider view."""
    if hands_of(to.pk).touch(*hands_of(grant.account_id).accounts):
        raise Refused("不能委托给自己。", field="to")
    prefixes = access_of(to).prefixes("reviews.decide")
    if not any(path.startswith(prefix) for prefix in prefixes for path in grant.organisation.paths):
        raise Refused(
            f"{to.display_name}在这个工会没有审核权限，请选择本工会或上级工会的审核人。", field="to"
        )


def _note(actor: Actor, verb: str, loan: Delegation) -> None:
    journal(
        actor,
        f"reviews.{verb}",
        subject=loan,
        label=f"{loan.grant.account.display_name}→{loan.to.display_name}",
        paths=loan.grant.organisation.paths,
        reason="：".join(filter(None, (loan.get_cause_display(), loan.reason))),
        detail={
            "grant": loan.grant_id,
            "to": loan.to_id,
            "from": loan.period.lower.isoformat(),
            "until": loan.period.upper.isoformat(),
        },
    )


def candidates(grant: Grant) -> list[Account]:
    """Who may act in the place of its holder: people who decide at its union or above it, nearest first."""
    roles = permission("reviews.decide").roles
    paths = [grant.organisation.path, *grant.organisation.ancestor_paths()]
    rows = Grant.objects.everywhere(reason="colleagues to whom a role may be lent").in_force(
        timezone.localdate()
    )
    rows = rows.filter(role__in=roles, organisation__path__in=paths).exclude(
        account_id__in=hands_of(grant.account_id).accounts
    )
    found = sorted(
        rows.select_related("account", "organisation")[:500],
        key=lambda one: (-len(one.organisation.path), one.pk),
    )
    return list({one.account_id: one.account for one in found}.values())
