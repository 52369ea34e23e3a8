"""Who has a case: its owner, its grade, the union that deals with it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from unionhall.access.grants import access_of
from unionhall.access.models import Account
from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.kit.masking import hide_numbers
from unionhall.members.hands import hands_of
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal, notify
from unionhall.records.models import Attachment

from .. import clocks, kinds
from ..models import Case
from ..versions import scheme_of
from .locking import concerns, lock_open, note, paths_of, require_handler, words


def may_own(account: Account, case: Case) -> bool:
    """Whether an account may deal with the case where it stands."""
    access = access_of(account)
    held = access.prefixes(kinds.kind(case.kind).handle)
    return any(path.startswith(prefix) for prefix in held for path in case.organisation.paths)


@transaction.atomic
def assign(actor: Actor, case: Case, account: Account, *, because: str, by_right: bool = False) -> Case:
    """Give the case to an account that may deal with it, and say why this one. It is told.

    Who may handle the case takes it himself where it has no owner; to give it to others asks `cases.assign`.
    """
    fresh = lock_open(case.pk)
    rules, paths = kinds.kind(fresh.kind), fresh.organisation.paths
    if not by_right:
        takes = account.pk == actor.account_id and fresh.owner_id is None and actor.may(rules.handle, *paths)
        if not takes and not actor.may("cases.assign", *paths):
            raise NotAllowed("cases.assign")
    because = words(because, "because", "请写明为什么由他承办。", 300)
    if not may_own(account, fresh):
        raise Refused(
            f"{account.display_name}在这里没有办理{rules.title}的权限，请选择其他人。", field="account"
        )
    if concerns(hands_of(account.pk), fresh):
        raise Refused(f"这是{account.display_name}本人或家庭成员的案件，请选择其他人。", field="account")
    if fresh.owner_id == account.pk:
        return fresh
    former = fresh.owner_id
    fresh.owner, fresh.owner_because = account, hide_numbers(because)
    fresh.save(update_fields=["owner", "owner_because"])
    note(actor, fresh, "assigned", "分派承办人", opinion=f"{account.display_name}：{because}")
    journal(
        actor, "cases.assigned", subject=fresh, label=fresh.number, paths=paths, reason=because,
        detail={"kind": fresh.kind, "owner": account.pk, "former": former},
    )  # fmt: skip
    if account.pk != actor.account_id:
        due = f"请在 {timezone.localtime(fresh.due_at):%Y-%m-%d} 前办理。" if fresh.due_at else ""
        notify(
            account.pk, f"请您承办{rules.title}{fresh.number}", f"{fresh.title}。{due}",
            f"/desk/cases/{fresh.number}/", path=fresh.organisation.path,
        )  # fmt: skip
    return fresh


@transaction.atomic
def regrade(actor: Actor, case: Case, grade: str, *, because: str, by_right: bool = False) -> Case:
    """Another grade: open clocks take its length from where they began."""
    fresh = lock_open(case.pk)
    if not by_right:
        require_handler(actor, fresh, kinds.kind(fresh.kind).handle)
    because = words(because, "because", "请写明调整等级的理由。", 300)
    if fresh.grade == grade:
        return fresh
    former, fresh.grade = fresh.grade, grade
    clocks.regrade(fresh, scheme_of(fresh).clocks, working_calendar())
    fresh.due_at = clocks.first_due(fresh)
    fresh.save(update_fields=["grade", "due_at"])
    note(actor, fresh, "regraded", "调整等级", opinion=because)
    journal(
        actor, "cases.regraded", subject=fresh, label=fresh.number, paths=fresh.organisation.paths, reason=because,
        detail={"kind": fresh.kind, "from": former, "to": grade},
    )  # fmt: skip
    return fresh


@transaction.atomic
def hand_over(
    actor: Actor, case: Case, organisation: Organisation, *, reason: str, by_right: bool = False
) -> Case:
    """Give the case with all its papers to another union. Nothing is entered again; its clocks go on.

    The former union no longer sees it, unless it stands above the new one. The one who filed is told. One's own case,
    which others are to handle, may be handed over like any other.
    """
    # The union before the case, as somebody who moves the union takes them.
    path, second_path = paths_of(organisation)
    fresh = lock_open(case.pk)
    before = fresh.organisation
    if not by_right:
        actor.require(kinds.kind(fresh.kind).handle, *before.paths)
    reason = words(reason, "reason", "请写明移送理由。", 300)
    if organisation.pk == before.pk:
        raise Refused("案件已经在这个工会，请选择另一个工会。", field="organisation")
    note(actor, fresh, "handed_over", "移送", opinion=f"移送{organisation.name}：{reason}", shown=True)
    fresh.organisation, fresh.path, fresh.second_path = organisation, path, second_path
    fresh.owner, fresh.owner_because = None, ""
    fresh.save(update_fields=["organisation", "path", "second_path", "owner", "owner_because"])
    _papers_follow(fresh)
    journal(
        actor, "cases.handed_over", subject=fresh, label=fresh.number, paths=organisation.paths, reason=reason,
        detail={"kind": fresh.kind, "from": before.pk, "to": organisation.pk, "from_path": before.path},
    )  # fmt: skip
    notify(
        fresh.filed_by_id, f"您的{kinds.kind(fresh.kind).title}{fresh.number}已转由{organisation.name}办理"[:100],
        "编号、材料和时限都不变，您不用重新提交。", f"/m/help/{fresh.number}/", path=organisation.path,
    )  # fmt: skip
    return fresh


def _papers_follow(case: Case) -> None:
    """Files stand where the case stands, so that the general download, too, asks the new union."""
    paths = case.organisation.paths
    rows = Attachment.objects.everywhere(reason="the papers of a case go with it")
    rows.filter(pk__in=case.files.values("attachment")).update(
        path=paths[0], second_path=paths[1] if len(paths) > 1 else ""
    )
