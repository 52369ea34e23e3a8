"""Writing the member list to Excel, in the very columns that the roster import reads.

The job asks the filters again with the access the requester has at that moment, and holds a chunk of rows at a time.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from unionhall.access.grants import actor_for
from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import ring
from unionhall.kit.masking import hide_numbers, mask_id, mask_phone
from unionhall.kit.text import safe_cell
from unionhall.records import attachments
from unionhall.records.actions import digest_of, journal, notify

from . import documents
from .finding import find
from .intake.columns import COLUMNS
from .models import Employment, Export, Membership, Person
from .models.memberships import MembershipQuerySet
from .selection import criteria

KIND = "members"
PURPOSE = "members.export"
attachments.guard(PURPOSE)
CHUNK = 2000
LIFE = timedelta(days=7)
PURPOSE_LENGTH = 4
SHEET = "会员名册"
SHEET_ROWS = 1_048_575
CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@transaction.atomic
def ask(actor: Actor, *, query: str, purpose: str, full: bool = False) -> Export:
    """Ask for an export of what the filters leave; the job is enqueued in the same transaction.

    Raises Refused without a purpose or with wrong filters, NotAllowed without `members.export` (and, for full numbers,
    `members.reveal`).
    """
    for code in ("members.export", "members.reveal") if full else ("members.export",):
        if not actor.access.prefixes(code):
            actor.require(code)
    if actor.account_id is None:
        raise Refused("请登录后再导出。")
    if len(purpose.strip()) < PURPOSE_LENGTH:
        raise Refused(f"请写明导出用途，至少 {PURPOSE_LENGTH} 个字。", field="purpose")
    rows = find(actor.access, criteria(actor, query), to="members.export")
    total = rows.count()
    if total > SHEET_ROWS:
        raise Refused(f"共 {total:,} 人，超过一张工作表的行数。请按下级工会分别导出。")
    export = Export.objects.create(
        kind=KIND, query={"query": query, "full": full}, purpose=hide_numbers(purpose.strip())[:200],
        requested_by_id=actor.account_id, rows=total,
    )  # fmt: skip
    detail = {"export": export.pk, "rows": total, "full": full}
    journal(actor, "members.ask_export", subject=export, reason=export.purpose, detail=detail)
    from .tasks import export_members

    export_members.defer(export_id=export.pk)
    return export


def run(export_id: int) -> None:
    """Write one export. Doing it again replaces an unfinished file; a finished one is left alone."""
    rows = Export.objects.everywhere(reason="the job writes the export it was given")
    if (
        not rows.filter(pk=export_id)
        .exclude(state=Export.State.DONE)
        .update(state=Export.State.RUNNING, done=0)
    ):
        return
    export = rows.get(pk=export_id)
    try:
        actor = actor_for(Account.objects.get(pk=export.requested_by_id), trace=f"export-{export.pk}")
        _write(export, actor)
    except (Refused, Account.DoesNotExist) as refusal:
        _fail(export, str(refusal))
    except OSError:
        _fail(export, "服务器磁盘空间不足或不可写，没有生成文件。请联系运维人员后重新导出。")


def _fail(export: Export, message: str) -> None:
    export.state, export.message = Export.State.FAILED, message[:200]
    export.save(update_fields=["state", "message"])
    notify(export.requested_by_id, "导出没有完成", export.message, "/desk/exports/")


def _write(export: Export, actor: Actor) -> None:
    full = bool(export.query.get("full"))
    if not actor.access.prefixes("members.export") or (full and not actor.access.prefixes("members.reveal")):
        raise Refused("您已没有导出权限，没有生成文件。")
    values = criteria(actor, str(export.query.get("query", "")))
    rows = find(actor.access, values, to="members.export")
    export.rows = rows.count()
    export.save(update_fields=["rows"])
    with _private_file(export.pk) as path:
        count, digest = write_workbook(path, rows, actor, full=full, day=values.get("on"), export=export)
        with path.open("rb") as source, transaction.atomic():
            file = attachments.store(
                actor,
                source,
                name=f"会员名册-{timezone.localdate():%Y%m%d}-{export.pk}.xlsx",
                content_type=CONTENT_TYPE,
                purpose=PURPOSE,
                size=path.stat().st_size,
            )
            file.expires_at = timezone.now() + LIFE
            file.save(update_fields=["expires_at"])
            export.file, export.done, export.rows, export.state = file, count, count, Export.State.DONE
            export.save(update_fields=["file", "done", "rows", "state"])
            detail = {"export": export.pk, "rows": count, "full": full, "model": Membership._meta.label_lower}
            journal(
                actor, "members.export", subject=export, reason=export.purpose, detail=detail, digest=digest
            )
    notify(export.requested_by_id, "导出已完成", f"共 {count:,} 人，7 天内可以下载。", "/desk/exports/")


def _writing() -> Path:
    return Path(settings.FILES_DIR) / "writing"


@contextlib.contextmanager
def _private_file(number: int) -> Iterator[Path]:
    """A file of our own on the data disk, gone afterwards whatever happens; one left by a killed job goes first."""
    folder = _writing() / str(number)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
        path = folder / "export.xlsx"
        path.touch(mode=0o600)
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> int:
    """Remove plain workbooks that a killed job left behind: those of exports that nobody is writing any more."""
    running = Export.objects.everywhere(reason="whose plain file may still be written")
    numbers = running.filter(state=Export.State.RUNNING).values_list("pk", flat=True)
    kept = {str(number) for number in numbers}
    gone = [folder for folder in _writing().glob("*") if folder.name not in kept]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return len(gone)


def write_workbook(
    path: Path,
    rows: MembershipQuerySet,
    actor: Actor,
    *,
    full: bool = False,
    day: date | None = None,
    export: Export | None = None,
) -> tuple[int, str]:
    """Write the rows as text cells under the import's headings; answers how many, and their digest."""
    book = xlsxwriter.Workbook(str(path), {**_OPTIONS, "tmpdir": str(path.parent)})
    text, head = (
        book.add_format({"num_format": "@"}),
        book.add_format({"bold": True, "bg_color": "#EDEBE6", "num_format": "@"}),
    )
    sheet = book.add_worksheet(SHEET)
    sheet.freeze_panes(1, 1)
    for place, column in enumerate(COLUMNS):
        sheet.set_column(place, place, column.width, text)
        sheet.write_string(0, place, column.title, head)
    count, digests = 0, []
    for chunk in _chunks(rows):
        for values in _values(chunk, actor, full, day):
            count += 1
            for place, column in enumerate(COLUMNS):
                if value := values.get(column.key):
                    sheet.write_string(count, place, safe_cell(value), text)
        digests.append((digest_of([(row.pk, row.person_id) for row in chunk]),))
        if export is not None:
            Export.objects.everywhere(reason="the job's own progress").filter(pk=export.pk).update(done=count)
    book.close()
    path.chmod(0o600)  # the library made the file anew
    return count, digest_of(digests)


def _chunks(rows: MembershipQuerySet) -> Iterator[list[Membership]]:
    """By key, not by cursor: memory and locks stay small however long the writing takes."""
    last = 0
    ordered = rows.select_related("person", "organisation").order_by("pk")
    while chunk := list(ordered.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _values(chunk: list[Membership], actor: Actor, full: bool, day: date | None) -> Iterator[dict[str, str]]:
    jobs = Employment.objects.everywhere(reason="parts of members who are in scope")
    jobs = jobs.filter(period__upper_inf=True) if day is None else jobs.filter(period__contains=day)
    work = {job.person_id: job for job in jobs.filter(person_id__in=[row.person_id for row in chunk])}
    numbers = ring().open_many([row.person.id_number.blob for row in chunk])
    phones = ring().open_many([row.person.phone.blob if row.person.phone else None for row in chunk])
    # As of a past day the list names people who have left: their numbers are no longer the actor's to read.
    people = Person.objects.visible_to(actor.access, to="members.reveal").filter(
        pk__in=[row.person_id for row in chunk]
    )
    open_to = set(people.values_list("pk", flat=True)) if full else set()
    for row, number, phone in zip(chunk, numbers, phones, strict=True):
        clear = row.person_id in open_to
        found = _plain(row, work.get(row.person_id))
        found["id_number"] = (number or "") if clear else mask_id(number or "")
        found["phone"] = (phone or "") if clear or not phone else mask_phone(phone)
        yield found


def _plain(row: Membership, job: Employment | None) -> dict[str, str]:
    person = row.person
    found = {
        "name": person.name,
        "id_type": documents.label_of(person.id_type),
        "birth": f"{person.birth:%Y-%m-%d}" if person.birth else "",
        "migrant_worker": "是" if person.migrant_worker else "否",
        "joined_on": f"{row.joined_on:%Y-%m-%d}",
        "union": row.organisation.name,
    }
    for column in COLUMNS:
        if column.key in found or column.key in ("id_number", "phone"):
            continue
        holder: Any = person if hasattr(person, column.key) else job
        value = getattr(holder, column.key, "") if holder is not None else ""
        found[column.key] = column.codes.label(value) if column.codes and value else str(value or "")
    return found
