"""A list of the hotline becomes appeals: somebody says yes, and a job registers row after row.

Each row is a transaction of its own, so that nobody who files meanwhile waits for the list, and one that fails goes
back as faulty without stopping those behind it. A job that stopped, or runs twice, goes on where it was.
"""

from __future__ import annotations

import json
import logging

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.organisations.models import Employer, Organisation
from unionhall.records.actions import journal, notify

from .. import addresses, superiors
from ..models import Appeal, Channel, HotlineList, HotlineRow
from . import appeals
from .hotline import Table, cause_of, locked, places
from .locking import WHY, take_turns

__all__ = ["carry_on", "take"]
State, Fate = HotlineList.State, HotlineRow.Fate
log = logging.getLogger("unionhall.cases")
STOPPED = "登记中断，已经登记的诉求都在，不会重复登记。请点“继续登记”；再次出现时请联系运维人员。"
FAILED = "登记出错，请核对这一行，改好后再传；仍不成功的，请联系运维人员。"
_URGENT = frozenset({"是", "紧急", "急", "特急", "1"})


@transaction.atomic
def take(actor: Actor, *, made: HotlineList) -> HotlineList:
    """Say yes to a list, or let one go on whose job stopped: a job registers what is new. Raises Refused."""
    from ..tasks.hotline import take_hotline_list  # the job calls this file

    fresh = locked(actor, made.pk)
    if fresh.state not in (State.CHECKED, State.TAKING):
        raise Refused("这个文件已经处理过。请刷新页面。")
    if fresh.state == State.CHECKED:
        journal(
            actor, "cases.hotline_confirmed", subject=fresh, label=fresh.name, paths=fresh.organisation.paths
        )
    _put(fresh, state=State.TAKING, message="")
    take_hotline_list.defer(list_id=fresh.pk, account_id=actor.account_id, trace=actor.trace)
    return fresh


def carry_on(actor: Actor, number: int) -> None:
    """Register the rows that are left, one transaction each; the list counts as taken when there are none.

    Whoever said yes is told how it ended; that it stopped once, however often the job tries again by itself.
    """
    former = HotlineList.objects.everywhere(reason=WHY).get(pk=number).message
    rows = HotlineRow.objects.everywhere(reason=WHY).filter(list=number, fate=Fate.NEW, case=None)
    _say(number, "")
    try:
        for row in list(rows.order_by("row").values_list("pk", flat=True)):
            _take_or_return(actor, number, row)
        _finish(actor, number)
    except NotAllowed as refusal:
        _stop(actor, number, former, f"{refusal}已经登记的诉求不受影响，有权限的人员可以点“继续登记”。")
    except Exception:
        _stop(actor, number, former, STOPPED)
        raise


def _take_or_return(actor: Actor, number: int, row_id: int) -> None:
    """One row; it goes back as faulty when it fails by itself, not when the database is away or the right is gone."""
    try:
        _take_row(actor, number, row_id)
    except (NotAllowed, OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("a row of a hotline list failed row=%s", row_id)
        rows = HotlineRow.objects.everywhere(reason=WHY).filter(pk=row_id, fate=Fate.NEW, case=None)
        rows.update(fate=Fate.FAULT, fault=FAILED)


@transaction.atomic
def _take_row(actor: Actor, number: int, row_id: int) -> None:
    """One row as an appeal. What another list brought meanwhile is known; what is refused goes back as faulty."""
    fresh = locked(actor, number)
    row = HotlineRow.objects.everywhere(reason=WHY).get(pk=row_id)
    if fresh.state != State.TAKING or row.fate != Fate.NEW or row.case_id is not None:
        return
    given = Table(fresh.columns, places(fresh.columns), []).values(json.loads(row.cells.reveal()))
    take_turns(f"cases.hotline:{given['number']}")
    held = Appeal.objects.everywhere(reason=WHY).filter(source_number=given["number"]).first()
    if held is not None:
        row.fate, row.case_id = Fate.KNOWN, held.case_id
    else:
        try:
            row.case = _register(actor, fresh.organisation, given).case
        except Refused as refusal:
            row.fate, row.fault = Fate.FAULT, str(refusal)[:300]
    row.save(update_fields=["fate", "fault", "case"])


@transaction.atomic
def _register(actor: Actor, union: Organisation, given: dict[str, str]) -> appeals.Filed:
    """At the union of its place where that is below the importing one, else there."""
    division, name = given.get("division", ""), given.get("employer", "")
    local = addresses.union_of_place(division) if division else union
    where = local if local.path.startswith(union.path) else union
    return appeals.register(
        actor,
        appeals.Matter(
            statement=given["statement"],
            cause=cause_of(given.get("cause", "")) or "other",
            organisation=where,
            division=division,
            employer=Employer.objects.filter(name=name).first() if name else None,
            employer_name=name,
            urgent=given.get("urgent", "") in _URGENT,
            contact={"name": given.get("name", ""), "phone": given.get("phone", "")},
            source_number=given["number"],
        ),
        channel=Channel.HOTLINE,
        anonymous=not (given.get("name") or given.get("phone")),
    )


@transaction.atomic
def _finish(actor: Actor, number: int) -> None:
    fresh = locked(actor, number)
    if fresh.state != State.TAKING:
        return
    count = fresh.rows.filter(fate=Fate.NEW).count()
    faulty = fresh.rows.filter(fate=Fate.FAULT).count()
    _put(fresh, state=State.TAKEN, taken_at=timezone.now(), message="")
    journal(
        actor, "cases.hotline_taken", subject=fresh, label=fresh.name, paths=fresh.organisation.paths,
        detail={"count": count, "faulty": faulty},
    )  # fmt: skip
    more = f"有错误的 {faulty} 行没有登记，请下载错误行，改好后再传。" if faulty else ""
    _tell(actor.account_id, fresh, f"12351 工单已登记 {count} 件诉求", more)


def _tell(account: int | None, made: HotlineList, title: str, words: str) -> None:
    notify(
        account, title, f"{made.name}。{words}" if words else made.name, f"/desk/appeals/hotline/{made.pk}/",
        path=made.organisation.path,
    )  # fmt: skip


def _put(fresh: HotlineList, **values: object) -> None:
    for name, value in values.items():
        setattr(fresh, name, value)
    fresh.save(update_fields=list(values))


def _say(number: int, message: str) -> None:
    """Why it does not go on; "" while it does."""
    rows = HotlineList.objects.everywhere(reason=WHY).filter(pk=number, state=State.TAKING)
    rows.update(message=message[:300])


@transaction.atomic
def _stop(actor: Actor, number: int, former: str, message: str) -> None:
    """Say why it does not go on; unless that stood there before, to whoever said yes and to the union's rights work."""
    _say(number, message)
    rows = HotlineList.objects.everywhere(reason=WHY).select_related("organisation")
    made = rows.filter(pk=number, state=State.TAKING).exclude(message=former).first()
    if made is None:
        return
    told = {actor.account_id} | superiors.accounts(made.organisation, levels=0)
    for account in sorted(one for one in told if one is not None):
        _tell(account, made, "12351 工单没有登记完", message)
