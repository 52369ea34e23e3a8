"""The job over a checked file: chunk after chunk, each a transaction; then corrections, and where the file stands."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.ledger.models import Budget
from unionhall.records.actions import journal, notify

from ...models import SettlementFile, SettlementLine
from ...schemes.medical import PROGRAMME
from .adjudicating import next_rows, work
from .correcting import correct
from .paying import waiting_of
from .turns import take_turn

__all__ = ["CHUNK", "adjudicate"]

State = SettlementFile.State
#: Lines worked out in one transaction.
CHUNK = 25_000
_WHY = "a job on one file, started by whoever was asked for permission"


def adjudicate(number: int, *, chunk: int = CHUNK) -> SettlementFile:
    """Work a file out. Killed in the middle, or run again, it goes on where it was; nothing is paid twice."""
    file = _get(number)
    if file.state != State.ADJUDICATING:
        return file
    actor = Actor(file.uploaded_by_id, file.uploaded_by)
    try:
        _require_budget(file)
        after, more = 0, True
        while more:
            after, more = _chunk(actor, file, after, chunk)
        _corrections(actor, file)
    except Refused as refusal:
        _set(file, stage="", message=f"{refusal}已经理算的部分不受影响。处理后请点“继续”。"[:300])
        return _get(number)
    except Exception:
        _set(
            file, message="理算中断，已经完成的部分都在，没有重复支付。请点“继续”；再次出现时请联系运维人员。"
        )
        raise
    _finish(actor, file)
    return _get(number)


def _get(number: int) -> SettlementFile:
    return SettlementFile.objects.everywhere(reason=_WHY).select_related("organisation").get(pk=number)


def _set(file: SettlementFile, **values: Any) -> None:
    SettlementFile.objects.everywhere(reason=_WHY).filter(pk=file.pk).update(**values)


def _require_budget(file: SettlementFile) -> None:
    rows = Budget.objects.everywhere(reason=_WHY).filter(programme=PROGRAMME, year=file.year)
    if not rows.exists():
        raise Refused(f"还没有设立 {file.year} 年医疗互助的预算，不能理算。请财务人员在“预算和账目”里设立。")


@transaction.atomic
def _chunk(actor: Actor, file: SettlementFile, after: int, limit: int) -> tuple[int, bool]:
    """The next persons of a file; answers the last of them and whether more follow."""
    take_turn()
    rows, more = next_rows(file.pk, after, limit)
    if not rows:
        return after, False
    label = f"医保结算 {file.number}"
    work(actor, rows, submitted_at=file.uploaded_at, label=label)
    left = SettlementLine.objects.everywhere(reason=_WHY).waiting().filter(file=file)
    # Counted exactly at the end only: until then it tells how far the job is.
    done = file.rows if not more else min(file.rows, file.done + len(rows))
    file.done = done
    _set(file, stage="逐人理算" if more or left.exists() else "", done=done, message="")
    return rows[-1].person, more


def _corrections(actor: Actor, file: SettlementFile) -> None:
    """Lines that correct earlier ones, one by one: each changes the person's year from there on."""
    rows = SettlementLine.objects.everywhere(reason=_WHY).waiting()
    for pk in list(rows.filter(file=file).order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            take_turn()
            correct(actor, pk)


@transaction.atomic
def _finish(actor: Actor, file: SettlementFile) -> None:
    queued, amount = waiting_of(file)
    state = State.ADJUDICATED if queued else State.PAID
    message = (
        f"预算已经用完，{queued} 笔共 {amount:,.2f} 元按先后排队，有了预算会自动支付。" if queued else ""
    )
    _set(file, state=state, stage="", done=file.rows, message=message, finished_at=timezone.now())
    lines = SettlementLine.objects.everywhere(reason=_WHY).filter(file=file)
    exceptions = lines.exceptions().count()
    journal(
        actor,
        "benefits.settlements_adjudicated",
        subject=file,
        paths=file.organisation.paths,
        detail={"rows": file.rows, "exceptions": exceptions, "queued": queued},
    )
    notify(
        file.uploaded_by_id, f"医保结算文件 {file.number} 已理算",
        f"{message}有 {exceptions} 笔需要人工处理。" if exceptions else message,
        f"/desk/medical/{file.pk}/", file.organisation.path,
    )  # fmt: skip
