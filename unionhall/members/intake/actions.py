"""The verbs of a roster batch: receive, check, commit, undo, discard. A job that runs twice changes nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.media import TABLES
from unionhall.organisations import tree
from unionhall.organisations.models import Organisation
from unionhall.records import attachments
from unionhall.records.actions import journal
from unionhall.records.models import JournalEntry

from .. import tallying
from ..following import cards_issued, facts_changed_of
from ..models import RosterBatch, RosterRow
from . import classifying, committing, files, staging, workbook
from .batches import (
    NO_SPACE,
    UNEXPECTED,
    State,
    ask_job,
    batch_for,
    locked,
    only_one,
    put,
    refuse,
    tell_uploader,
)
from .checking import check as check_rows
from .keeping import is_full, plain_file
from .mappings import mappings
from .progress import Progress, Told
from .reading import open_table
from .unions import Unions, gone_since
from .withdrawing import ask_undo, discard, forget, undo

__all__ = [
    "ask_commit", "ask_undo", "batch_for", "check", "commit", "discard", "forget", "receive",
    "resume", "undo",
]  # fmt: skip

PURPOSE, ERRORS_PURPOSE = "roster", "roster-errors"
attachments.guard(PURPOSE, ERRORS_PURPOSE)
#: Up to this size the heading is looked for while the person waits; larger files are looked at by the job.
_LOOK_AT_ONCE = 4 * 1024 * 1024
_TRIES = 3
#: So soon after the check hardly anyone of the file has been registered meanwhile: it is assumed, and tried.
_FRESH = timedelta(minutes=30)


def receive(
    actor: Actor, *, organisation: Organisation, path: Path, name: str, mapping: str = "", queue: bool = True
) -> RosterBatch:
    """Take in a file. Raises Refused, with nothing stored, when it is not a roster that may be opened."""
    actor.require("members.intake", *organisation.paths)
    if mapping and mapping not in mappings():
        raise Refused("没有这种代码对照。", "mapping")
    kind = files.inspect(path, name)
    size = path.stat().st_size
    if size <= _LOOK_AT_ONCE:
        open_table(path, kind, mapping)
    with path.open("rb") as source:
        stored = attachments.store(
            actor, source, name=Path(name).name, content_type=TABLES[kind], purpose=PURPOSE,
            paths=organisation.paths, size=size,
        )  # fmt: skip
    try:
        with transaction.atomic():
            batch = RosterBatch.objects.create(
                organisation=organisation, path=organisation.path, second_path=organisation.second_path,
                file=stored, mapping=mapping, uploaded_by_id=actor.account_id, uploaded_by=actor.name,
                columns={"kind": kind},
            )  # fmt: skip
            journal(
                actor,
                "members.intake_received",
                subject=batch,
                paths=organisation.paths,
                detail={"bytes": size},
            )
            if queue:
                ask_job("check_roster", batch)
    except BaseException:
        attachments.remove(stored)
        raise
    return batch


def check(number: int, *, listener: Told | None = None) -> RosterBatch:
    """Read and check the stored file, stage its rows, decide what would become of them. One transaction."""
    batch = batch_for(number)
    if batch.state not in (State.UPLOADED, State.CHECKING):
        return batch
    put(batch, state=State.CHECKING, stage="打开文件", done=0, message="")
    try:
        with plain_file(batch) as path, Progress(batch.pk, listener) as progress:
            _stage(batch, path, progress)
            _keep_errors(batch, path, progress)
    except Refused as refusal:
        refuse(batch, str(refusal))
    except (OSError, DatabaseError) as failure:
        if not is_full(failure):
            raise
        put(batch, state=State.UPLOADED, message=NO_SPACE.format("核对"))
    except Exception:
        put(batch, state=State.UPLOADED, message=UNEXPECTED.format("核对", "继续"))
        raise
    batch = batch_for(number)
    if not batch.is_moving:
        tell_uploader(batch, f"名册核对完成：{batch.get_state_display()}")
    return batch


@transaction.atomic
def _stage(batch: RosterBatch, path: Path, progress: Progress) -> None:
    only_one(batch)
    batch.refresh_from_db(fields=["state"])
    if batch.state != State.CHECKING:
        return
    today = timezone.localdate()
    table = open_table(path, batch.columns["kind"], batch.mapping)
    rows = RosterRow.objects.everywhere(reason="rows of this very batch").filter(batch=batch)
    rows._raw_delete(rows.db)
    unions = Unions(batch.organisation)
    compare = classifying.comparing(batch, table.heading("name"))
    done = 0
    with staging.Staging(batch, unions.default.pk, compare) as taking:
        unions.before_asking = taking.settle
        for chunk in table.chunks():
            taking.put(check_rows(chunk, table, unions, today))
            done += len(chunk)
            progress.tell("逐行核对", done, max(done, table.size))
    if not done:
        raise Refused(f"第 {table.heading_row} 行是表头，下面没有数据。请填写后再上传。", "file")
    progress.tell("与会员名册比对", done, done)
    batch.columns = batch.columns | table.described() | {
        "name_heading": table.heading("name"), "id_heading": table.heading("id_number"),
        "union_heading": table.heading("union"),
    }  # fmt: skip
    classifying.analyse()
    if taking.has_twins:
        classifying.mark_duplicates(batch, table.heading("id_number"))
    classifying.warn_of_unions_age(batch, table.heading("joined_on"))
    batch.counts = classifying.counts(batch)
    batch.mapping = table.mapping.name
    batch.rows = batch.done = done
    batch.state, batch.stage, batch.message = State.READY, "", ""
    batch.checked_at = timezone.now()
    batch.save()


def _keep_errors(batch: RosterBatch, path: Path, progress: Progress) -> None:
    """The annotated workbook of the refused rows, written once and kept with the batch."""
    batch.refresh_from_db()
    rows = RosterRow.objects.everywhere(reason="rows of this very batch").filter(
        batch=batch, outcome__in=[RosterRow.Outcome.ERROR, RosterRow.Outcome.DUPLICATE]
    )
    if batch.state != State.READY or not rows.exists():
        return
    progress.tell("生成错误文件", batch.rows, batch.rows)
    faults = dict(rows.values_list("number", "errors"))
    target = path.with_name("errors.xlsx")
    workbook.write_errors(target, open_table(path, batch.columns["kind"], batch.mapping), faults)
    owner = Actor(batch.uploaded_by_id, batch.uploaded_by)
    assert batch.file is not None
    with target.open("rb") as source:
        stored = attachments.store(
            owner, source, name=f"{Path(batch.file.name).stem}-错误说明.xlsx", content_type=TABLES["xlsx"],
            purpose=ERRORS_PURPOSE, paths=batch.paths, size=target.stat().st_size,
        )  # fmt: skip
    former, batch.error_file = batch.error_file, stored
    batch.save(update_fields=["error_file"])
    if former is not None:
        attachments.remove(former)


def ask_commit(actor: Actor, *, batch: RosterBatch, queue: bool = True) -> RosterBatch:
    """Say yes to the preview: a job writes it."""
    actor.require("members.intake", *batch.paths)
    with transaction.atomic():
        batch = locked(batch)
        if batch.state != State.READY:
            raise Refused(f"这批名册{batch.get_state_display()}，不能再次确认。")
        if not batch.counts.get("new") and not batch.counts.get("changed"):
            raise Refused("这批名册没有要新增或更新的会员，不需要入库。")
        batch.state, batch.committed_by, batch.message = State.COMMITTING, actor.name, ""
        batch.stage, batch.done = "排队中", 0
        batch.save()
        if queue:
            ask_job("commit_roster", batch, actor)
    return batch


def commit(number: int, actor: Actor, *, listener: Told | None = None) -> RosterBatch:
    """Write the batch into the register in one transaction: it happened or it did not. Again is harmless."""
    batch = batch_for(number)
    if batch.state != State.COMMITTING:
        return batch
    faulty = batch.counts.get("error", 0)
    whole = batch.checked_at is None or timezone.now() - batch.checked_at > _FRESH
    for left in reversed(range(_TRIES)):
        try:
            with Progress(batch.pk, listener) as progress:
                _write(batch, actor, progress, whole=whole)
        except IntegrityError:
            # Someone was admitted at the desk meanwhile: compare all rows with the register as it is now.
            whole = True
            if not left:
                put(batch, state=State.READY, stage="", message=UNEXPECTED.format("入库", "确认入库"))
                raise
        except (OSError, DatabaseError) as failure:
            if not is_full(failure):
                raise
            put(
                batch,
                state=State.READY,
                stage="",
                message=NO_SPACE.format("入库").replace("继续", "确认入库"),
            )
            break
        except Exception:
            put(batch, state=State.READY, stage="", message=UNEXPECTED.format("入库", "确认入库"))
            raise
        else:
            break
    batch = batch_for(number)
    if batch.state == State.COMMITTED:
        told = f"名册已入库：新增 {batch.counts.get('new', 0)} 人，发卡 {batch.counts.get('cards', 0)} 张"
        if fallen := batch.counts.get("error", 0) - faulty:
            told += f"；核对以后情况有变，{fallen} 行没有写入，请查看原因"
        tell_uploader(batch, told)
    return batch


@transaction.atomic
def _write(batch: RosterBatch, actor: Actor, progress: Progress, *, whole: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(committing.LOCK)
    tree.keep_still()  # the paths of unions are copied into memberships
    batch.refresh_from_db()
    if batch.state != State.COMMITTING:
        return
    now = timezone.now()
    known = committing.compare_again(batch, progress, whole=whole)
    if gone := gone_since(batch):
        classifying.refuse_new_of(batch, gone, batch.columns.get("union_heading", "所在工会"))
    with tallying.of_batch(batch, known=known):
        cards = committing.write(batch, now, timezone.localdate(now), progress, known=known)
    batch.counts = classifying.counts(batch) | {"cards": cards}
    batch.state, batch.stage, batch.done, batch.committed_at = State.COMMITTED, "", batch.rows, now
    journal(
        actor, "members.intake_committed", subject=batch, paths=batch.paths,
        detail={"rows": batch.rows, **batch.counts, "where": f"members_rosterrow batch_id={batch.pk}"},
        digest=committing.digest(batch),
    )  # fmt: skip
    batch.save()
    cards_issued(cards)
    if known:
        # Who is new has no account yet.
        rows = RosterRow.objects.everywhere(reason="rows of this very batch").filter(batch=batch)
        changed = rows.filter(outcome=RosterRow.Outcome.CHANGED, person_id__isnull=False)
        facts_changed_of(changed.values_list("person_id", flat=True))


def resume(actor: Actor, *, batch: RosterBatch) -> RosterBatch:
    """Ask again for the job of a batch that stands still. If the first still runs, the second finds nothing to do."""
    actor.require("members.intake", *batch.paths)
    jobs = {
        State.UPLOADED: "check_roster", State.CHECKING: "check_roster",
        State.COMMITTING: "commit_roster", State.UNDOING: "undo_roster",
    }  # fmt: skip
    name = jobs.get(State(batch.state))
    if name is None:
        raise Refused(f"这批名册{batch.get_state_display()}，没有要继续的处理。")
    extra = {"reason": _undo_reason(batch)} if name == "undo_roster" else {}
    ask_job(name, batch, None if name == "check_roster" else actor, **extra)
    return batch


def _undo_reason(batch: RosterBatch) -> str:
    """The reason given when the undo was asked for."""
    asked = JournalEntry.objects.everywhere(reason="the journal of this very batch").about(batch)
    entry = asked.filter(action="members.intake_undo_asked").order_by("-id").first()
    return entry.reason if entry else ""
