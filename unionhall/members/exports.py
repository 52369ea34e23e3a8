"""Writing the member list to Excel, in the very columns that the roster import reads, a chunk of rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from unionhall.foundation.actors import Actor
from unionhall.foundation.sealing import ring
from unionhall.kit.masking import mask_id, mask_phone
from unionhall.kit.text import safe_cell
from unionhall.records.actions import digest_of

from . import documents, listings
from .finding import find
from .intake.columns import COLUMNS
from .models import Employment, Export, Membership, Person
from .models.memberships import MembershipQuerySet
from .selection import criteria

KIND = "members"
PURPOSE = "members.export"
CHUNK = 2000
SHEET = "会员名册"
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def ask(actor: Actor, *, query: str, purpose: str, full: bool = False) -> Export:
    """Ask for an export of what the filters leave; `full`: with whole numbers, which asks `members.reveal` too."""
    return listings.ask(actor, MEMBERS, query={"query": query, "full": full}, purpose=purpose)


def run(export_id: int) -> None:
    """The job, whichever list it writes."""
    listings.run(export_id)


def sweep() -> int:
    return listings.sweep()


def _rows(actor: Actor, query: listings.Query) -> tuple[MembershipQuerySet, date | None]:
    values = criteria(actor, str(query.get("query", "")))
    return find(actor.access, values, to="members.export"), values.get("on")


def _write(path: Path, export: Export, actor: Actor) -> tuple[int, str]:
    rows, day = _rows(actor, export.query)
    return write_workbook(path, rows, actor, full=bool(export.query.get("full")), day=day, export=export)


MEMBERS = listings.Listing(
    code=KIND,
    title="会员名册",
    unit="人",
    permission="members.export",
    purpose=PURPOSE,
    address="desk_export",
    back="desk_members",
    verbs=("members.ask_export", "members.export", "members.download_export"),
    model=Membership,
    count=lambda actor, query: _rows(actor, query)[0].count(),
    write=_write,
    more=lambda query: ("members.reveal",) if query.get("full") else (),
    lead="文件的列与名册导入模板相同。",
)
listings.register(MEMBERS)


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
            listings.progress(export, count)
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
