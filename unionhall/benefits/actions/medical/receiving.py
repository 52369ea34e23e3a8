"""A settlement file comes in: looked at, kept sealed, queued for its check. Nothing is believed but its bytes."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.kit.media import TABLES
from unionhall.kit.money import cents
from unionhall.kit.sm import sm3_hex_of
from unionhall.members.intake.files import inspect
from unionhall.organisations.models import Organisation
from unionhall.records import attachments
from unionhall.records.actions import journal

from ...models import Insurer, SettlementFile
from ..insurers import seat_of
from .reading import open_table

__all__ = ["PURPOSE", "receive", "restart", "start"]

State = SettlementFile.State
PURPOSE = "benefits.settlements"
#: Up to this size the heading is looked for while the person waits; larger files are looked at by the job.
_LOOK_AT_ONCE = 4 * 1024 * 1024
_CHUNK = 1 << 20


def receive(
    actor: Actor,
    *,
    organisation: Organisation,
    path: Path,
    name: str,
    number: str,
    insurer: str,
    year: int,
    stated_rows: int,
    stated_total: Decimal,
    sender: Insurer | None = None,
    queue: bool = True,
) -> SettlementFile:
    """Take in a file with the control totals that came with it. Raises Refused, with nothing kept.

    The same bytes, and the same batch number of a union, are taken once; a file that was sent back may come again.
    With `sender` the insurer brings it itself, to its own union and under its own name; working it out stays with the
    union's officer (`start`).
    """
    if sender is None:
        actor.require("benefits.medical_files", *organisation.paths)
    else:
        _require_seat(actor, sender, organisation)
        insurer = sender.name
    if not 2000 <= year <= timezone.localdate().year:
        raise Refused("结算年度不对。请填写四位年份，不晚于今年。", "year")
    if stated_rows < 1 or stated_total < 0:
        raise Refused("请填写随文件告知的笔数和自付金额合计。", "stated_rows")
    suffix = Path(name).suffix.lower()
    if suffix not in (".csv", ".txt", ".xlsx"):
        raise Refused("结算文件请用 xlsx 或 CSV 格式。", "file")
    kind = inspect(path, name)
    size = path.stat().st_size
    if size <= _LOOK_AT_ONCE:
        open_table(path, kind)
    with path.open("rb") as source:
        digest = sm3_hex_of(iter(lambda: source.read(_CHUNK), b""))
    _require_new(organisation, number, digest)
    with path.open("rb") as source:
        stored = attachments.store(
            actor, source, name=Path(name).name, content_type=TABLES[kind], purpose=PURPOSE,
            paths=organisation.paths, size=size,
        )  # fmt: skip
    try:
        with transaction.atomic():
            file = SettlementFile.objects.create(
                organisation=organisation, number=number.strip(), insurer=insurer.strip(), year=year, file=stored,
                sender=sender, kind=kind, digest=digest, stated_rows=stated_rows, stated_total=cents(stated_total),
                uploaded_by_id=actor.account_id, uploaded_by=actor.name,
            )  # fmt: skip
            detail = {"bytes": size, "year": year, "rows": stated_rows, "total": str(file.stated_total)}
            if sender is not None:
                detail["insurer"] = sender.pk
            journal(
                actor, "benefits.settlements_received", subject=file, paths=organisation.paths, detail=detail
            )
            if queue:
                _job("check_settlements", file)
    except IntegrityError:
        attachments.remove(stored)
        _require_new(organisation, number, digest)
        raise
    except BaseException:
        attachments.remove(stored)
        raise
    return file


def _require_seat(actor: Actor, sender: Insurer, organisation: Organisation) -> None:
    seat = seat_of(actor)
    if seat is None or seat.insurer_id != sender.pk or sender.organisation_id != organisation.pk:
        raise NotAllowed("benefits.insurance")
    if not sender.settles:
        raise Refused("贵单位没有登记报送医保结算。请联系签约工会。")


def _require_new(organisation: Organisation, number: str, digest: str) -> None:
    rows = SettlementFile.objects.everywhere(reason="the same file or batch is taken once, whoever brings it")
    rows = rows.exclude(state=State.REFUSED)
    if (known := rows.filter(digest=digest).first()) is not None:
        raise Refused(
            f"内容相同的文件已在 {timezone.localtime(known.uploaded_at):%Y-%m-%d} 作为批次 {known.number} 上传，"
            "不会重复理赔，不用再传。",
            "file",
        )
    if rows.filter(organisation=organisation, number=number.strip()).exists():
        raise Refused(f"批次 {number.strip()} 已经上传过。请核对批次号；更正的文件请用新的批次号。", "number")


def start(actor: Actor, *, file: SettlementFile, queue: bool = True) -> SettlementFile:
    """Say yes to a checked file: a job works it out and makes the sums due."""
    actor.require("benefits.medical_files", *file.organisation.paths)
    with transaction.atomic():
        file = _locked(file)
        if file.state != State.CHECKED:
            raise Refused(f"这份文件{file.get_state_display()}，不用再开始理算。")
        file.state, file.stage, file.done, file.message = State.ADJUDICATING, "排队中", 0, ""
        file.save()
        journal(actor, "benefits.settlements_started", subject=file, paths=file.organisation.paths)
        if queue:
            _job("adjudicate_settlements", file)
    return file


def restart(actor: Actor, *, file: SettlementFile, queue: bool = True) -> SettlementFile:
    """Go on with a file whose job stopped: what was done stays done, the rest is taken up at its place."""
    actor.require("benefits.medical_files", *file.organisation.paths)
    with transaction.atomic():
        file = _locked(file)
        if not file.is_moving:
            raise Refused(f"这份文件{file.get_state_display()}，没有停下来的工作。")
        file.message = ""
        file.save(update_fields=["message"])
        if queue:
            checking = file.state in (State.UPLOADED, State.CHECKING)
            _job("check_settlements" if checking else "adjudicate_settlements", file)
    return file


def _locked(file: SettlementFile) -> SettlementFile:
    rows = SettlementFile.objects.everywhere(reason="the file of the action; permission was asked")
    return rows.select_related("organisation").select_for_update(of=("self",)).get(pk=file.pk)


def _job(name: str, file: SettlementFile) -> None:
    from ...tasks import medical

    getattr(medical, name).defer(file_id=file.pk)
