"""The grid: cells, their firms and their worker."""

from collections.abc import Collection
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.organisations.models import Employer, Organisation
from unionhall.records.actions import journal, notify

from ..models import GridCell, GridUnit, GridWorker

EDIT = "network.grid_edit"
_WHY = "parts of a cell the actor keeps; who may is asked before"


@transaction.atomic
def save_cell(
    actor: Actor, *, organisation: Organisation, cell: GridCell | None, given: dict[str, Any]
) -> GridCell:
    """Enter or change a cell."""
    actor.require(EDIT, *organisation.paths)
    if cell is not None:
        actor.require(EDIT, *cell.organisation.paths)
    found = cell or GridCell()
    found.organisation = organisation
    for name in ("code", "name", "division", "node", "is_active"):
        if name in given:
            setattr(found, name, given[name])
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise Refused("已有相同编号的网格。", "code") from None
    _journal(actor, "network.cell_saved", found, code=found.code, new=cell is None)
    return found


@transaction.atomic
def set_units(
    actor: Actor, *, cell: GridCell, employers: Collection[Employer], stood: Collection[int] | None = None
) -> tuple[int, int]:
    """These firms are the cell's from today; one that stood in another cell leaves it. Answers (added, removed).

    `stood`: keys of those that were its firms when it was chosen (None: as now). What others changed since stays.
    """
    actor.require(EDIT, *cell.organisation.paths)
    today = timezone.localdate()
    GridCell.objects.everywhere(reason=_WHY).select_for_update().get(pk=cell.pk)
    rows = GridUnit.objects.everywhere(reason=_WHY).filter(until=None)
    own = rows.filter(cell=cell).values_list("employer", flat=True)
    before, wanted = set(own if stood is None else stood), {one.pk for one in employers}
    _hold_firms(before | wanted)
    held = set(own.all())
    added, dropped = wanted - before - held, (before - wanted) & held
    elsewhere = rows.filter(employer__in=added).exclude(cell=cell).select_related("cell__organisation")
    for one in elsewhere:
        # A firm is taken only from a cell that the actor keeps too.
        actor.require(EDIT, *one.cell.organisation.paths)
    removed = rows.filter(cell=cell, employer__in=dropped).update(until=today)
    elsewhere.update(until=today)
    GridUnit.objects.bulk_create([GridUnit(cell=cell, employer_id=pk, since=today) for pk in sorted(added)])
    _journal(actor, "network.cell_units", cell, added=len(added), removed=removed)
    return len(added), removed


def _hold_firms(keys: Collection[int]) -> None:
    """Whoever puts one of these firms into another cell at the same time waits here, and then finds it in this one."""
    list(Employer.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))


@transaction.atomic
def set_worker(actor: Actor, *, cell: GridCell, account: Account, name: str) -> GridWorker:
    """From today this one looks after the cell; the one before ends."""
    actor.require(EDIT, *cell.organisation.paths)
    today = timezone.localdate()
    GridCell.objects.everywhere(reason=_WHY).select_for_update().get(pk=cell.pk)
    rows = GridWorker.objects.everywhere(reason=_WHY).filter(cell=cell, until=None)
    same = rows.filter(account=account, name=name).first()
    if same is not None:
        return same
    rows.update(until=today)
    found = GridWorker.objects.create(cell=cell, account=account, name=name, since=today)
    # The phone has no menu for so few: the message is how he comes to his cell.
    notify(account.pk, f"您是{cell.name}的网格员", "在“我的网格”里提出事项、看处理结果。", reverse("m_grid"))
    _journal(actor, "network.cell_worker", cell, account=account.pk)
    return found


def _journal(actor: Actor, action: str, cell: GridCell, **detail: Any) -> None:
    journal(actor, action, subject=cell, paths=cell.organisation.paths, detail=detail)
