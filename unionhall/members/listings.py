"""Lists written to a file for somebody: asked with a purpose, written by a job, kept seven days, fetching journalled.

Which lists there are is said by `register`: the members' (exports.py), and those of rooms above. The job asks the
filters again with the access the requester has at that moment.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone

from unionhall.access.grants import actor_for
from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.kit.media import XLSX
from unionhall.records import attachments
from unionhall.records.actions import journal, notify

from .models import Export

LIFE = timedelta(days=7)
PURPOSE_LENGTH = 4
SHEET_ROWS = 1_048_575
CONTENT_TYPES = {"xlsx": XLSX, "csv": "text/csv; charset=utf-8"}
#: What is asked: `query` (the filters as they stand in the address) and what else the list asks.
Query = dict[str, Any]


def nothing_more(query: Query) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class Listing:
    """A list that can be written to a file. `verbs`: what the journal calls asking, writing and fetching.

    `count` and `write` ask the filters with the actor's access and raise Refused where they are wrong; `write` answers
    how many rows, and their digest. `more`: further permissions that what is asked needs. `address` begins the names of
    its pages, `back` is the list's own.
    """

    code: str
    title: str
    unit: str
    permission: str
    purpose: str
    address: str
    back: str
    verbs: tuple[str, str, str]
    model: type[Model]
    count: Callable[[Actor, Query], int]
    write: Callable[[Path, Export, Actor], tuple[int, str]]
    more: Callable[[Query], tuple[str, ...]] = nothing_more
    lead: str = ""

    def needs(self, query: Query) -> tuple[str, ...]:
        return (self.permission, *self.more(query))

    def file_name(self, export: Export) -> str:
        day = timezone.localtime(export.created_at)
        return f"{self.title}-{day:%Y%m%d}-{export.pk}.{suffix_of(export.query)}"


_listings: dict[str, Listing] = {}


def register(found: Listing) -> None:
    """Its files are handed out by its own pages only."""
    _listings[found.code] = found
    attachments.guard(found.purpose)


def of(export: Export) -> Listing:
    return _listings[export.kind]


def suffix_of(query: Query) -> str:
    found = str(query.get("format", "xlsx"))
    return found if found in CONTENT_TYPES else "xlsx"


def detail_of(export: Export, rows: int) -> dict[str, Any]:
    """For the journal: how many, and what was asked beside the filters."""
    asked = {name: value for name, value in export.query.items() if name != "query"}
    return {"export": export.pk, "rows": rows, **asked}


@transaction.atomic
def ask(actor: Actor, found: Listing, *, query: Query, purpose: str) -> Export:
    """Ask for a list; the job is enqueued in the same transaction. Raises Refused without a purpose or with wrong
    filters, NotAllowed without the list's permissions."""
    for code in found.needs(query):
        if not actor.access.prefixes(code):
            actor.require(code)
    if actor.account_id is None:
        raise Refused("请登录后再导出。")
    if len(purpose.strip()) < PURPOSE_LENGTH:
        raise Refused(f"请写明导出用途，至少 {PURPOSE_LENGTH} 个字。", field="purpose")
    total = found.count(actor, query)
    if total > SHEET_ROWS:
        raise Refused(f"共 {total:,} {found.unit}，超过一张工作表的行数。请按下级工会分别导出。")
    export = Export.objects.create(
        kind=found.code, query=query, purpose=hide_numbers(purpose.strip())[:200],
        requested_by_id=actor.account_id, rows=total,
    )  # fmt: skip
    journal(actor, found.verbs[0], subject=export, reason=export.purpose, detail=detail_of(export, total))
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
    found = of(export)
    try:
        actor = actor_for(Account.objects.get(pk=export.requested_by_id), trace=f"export-{export.pk}")
        _write(found, export, actor)
    except (Refused, Account.DoesNotExist) as refusal:
        _fail(found, export, str(refusal))
    except OSError:
        _fail(found, export, "服务器磁盘空间不足或不可写，没有生成文件。请联系运维人员后重新导出。")


def _fail(found: Listing, export: Export, message: str) -> None:
    export.state, export.message = Export.State.FAILED, message[:200]
    export.save(update_fields=["state", "message"])
    notify(export.requested_by_id, "导出没有完成", export.message, reverse(f"{found.address}s"))


def _write(found: Listing, export: Export, actor: Actor) -> None:
    if not all(actor.access.prefixes(code) for code in found.needs(export.query)):
        raise Refused("您已没有导出权限，没有生成文件。")
    export.rows = found.count(actor, export.query)
    export.save(update_fields=["rows"])
    suffix = suffix_of(export.query)
    with _private_file(export.pk, suffix) as path:
        count, digest = found.write(path, export, actor)
        with path.open("rb") as source, transaction.atomic():
            file = attachments.store(
                actor, source, name=found.file_name(export), content_type=CONTENT_TYPES[suffix],
                purpose=found.purpose, size=path.stat().st_size,
            )  # fmt: skip
            file.expires_at = timezone.now() + LIFE
            file.save(update_fields=["expires_at"])
            export.file, export.done, export.rows, export.state = file, count, count, Export.State.DONE
            export.save(update_fields=["file", "done", "rows", "state"])
            detail = detail_of(export, count) | {"model": found.model._meta.label_lower}
            journal(
                actor, found.verbs[1], subject=export, reason=export.purpose, detail=detail, digest=digest
            )
    told = f"共 {count:,} {found.unit}，7 天内可以下载。"
    notify(export.requested_by_id, "导出已完成", told, reverse(f"{found.address}s"))


def progress(export: Export, count: int) -> None:
    """How many rows are written."""
    Export.objects.everywhere(reason="the job's own progress").filter(pk=export.pk).update(done=count)


def _writing() -> Path:
    return Path(settings.FILES_DIR) / "writing"


@contextlib.contextmanager
def _private_file(number: int, suffix: str) -> Iterator[Path]:
    """A file of our own on the data disk, gone afterwards whatever happens; one left by a killed job goes first."""
    folder = _writing() / str(number)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
        path = folder / f"export.{suffix}"
        path.touch(mode=0o600)
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> int:
    """Remove plain files that a killed job left behind: those of exports that nobody is writing any more."""
    running = Export.objects.everywhere(reason="whose plain file may still be written")
    numbers = running.filter(state=Export.State.RUNNING).values_list("pk", flat=True)
    kept = {str(number) for number in numbers}
    gone = [folder for folder in _writing().glob("*") if folder.name not in kept]
    for folder in gone:
        shutil.rmtree(folder, ignore_errors=True)
    return len(gone)
