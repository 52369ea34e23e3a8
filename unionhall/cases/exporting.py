"""The list of cases as a file: what its filters leave of what the reader may see.

Names, phones and texts of the parties are not among them; who filed is masked as on the case's page.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.foundation.scope import Access
from unionhall.kit.text import safe_cell
from unionhall.members import listings
from unionhall.members.models import Export
from unionhall.organisations.models import Organisation
from unionhall.records.actions import digest_of

from . import inbox, presenting
from .forms.desk import CaseFilter
from .indicators.appeals import FIGURE_CONDITIONS
from .models import Case, CaseQuerySet

PERMISSION = "cases.export"
CHUNK = 1000
COLUMNS = (
    ("编号", 20), ("类别", 10), ("标题", 40), ("状态", 12), ("等级", 8), ("事由", 14), ("来源", 10), ("办理工会", 28),
    ("承办人", 12), ("提交人", 10), ("用人单位", 28), ("涉及人数", 10), ("涉及金额（元）", 14), ("登记时间", 18),
    ("最近时限", 18), ("时限", 8), ("办结时间", 18),
)  # fmt: skip
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def filters(values: Mapping[str, Any]) -> CaseFilter:
    """The list's form over what stands in an address; without a state, those with a clock that runs."""
    given = QueryDict(mutable=True)
    given.update({name: value for name, value in values.items() if value})
    if not given.get("state"):
        given["state"] = inbox.DUE
    form = CaseFilter(given)
    form.is_valid()
    return form


def wanted(chosen: Mapping[str, Any]) -> inbox.Wanted:
    """What valid filter values ask for; a union that is not there asks for nothing."""
    code, figure = chosen.get("under", ""), chosen.get("figure", "")
    rows = Organisation.objects.everywhere(reason="narrows what the reader may see anyway")
    return inbox.Wanted(
        kind=chosen.get("kind", ""),
        state=chosen.get("state", inbox.DUE),
        light=chosen.get("light", ""),
        channel=chosen.get("channel", ""),
        owner=chosen.get("owner", ""),
        words=chosen.get("q", ""),
        cause=chosen.get("cause", ""),
        under=rows.filter(code=code).first() if code else None,
        figure=FIGURE_CONDITIONS[figure]() if figure else None,
    )


def found(access: Access, query: str) -> CaseQuerySet:
    """The rows of the list, within what may be exported. Raises Refused where a filter is wrong."""
    form = filters(QueryDict(query).dict())
    if form.errors:
        raise Refused("筛选条件有误，请回到案件列表修改。")
    asked = wanted({name: value for name, value in form.cleaned_data.items() if value not in (None, "")})
    reach = inbox.reach_of(access)
    rows = inbox.visible(access, reach, mine=asked.owner == "mine").filter(
        Case.scope_q(access.prefixes(PERMISSION))
    )
    rows, _ = inbox.matching(rows, asked, access.account_id)
    rows = inbox.in_state(rows, asked.state)
    if asked.state == inbox.DUE and asked.light:
        rows = rows.filter(inbox.Bounds.at(timezone.now(), working_calendar()).light(asked.light))
    return rows


def _chunks(rows: CaseQuerySet) -> Iterator[list[Case]]:
    """By key: memory and locks stay small however long the writing takes."""
    last = 0
    ordered = rows.select_related("organisation", "owner", "employer").order_by("pk")
    while chunk := list(ordered.filter(pk__gt=last)[:CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def _cells(chunk: list[Case]) -> Iterator[list[str]]:
    now, calendar = timezone.now(), working_calendar()
    for case in chunk:
        row = presenting.row(case, now, calendar)
        if not case.is_open:
            light = ""
        elif case.due_at is None:
            light = "暂停计时"
        else:
            light = "逾期" if case.due_at < now else "期限内"
        cells = [
            case.number, row["kind"], case.title, row["state"], row["grade"], row["cause"],
            case.get_channel_display(), case.organisation.name, row["owner"], case.filed_by,
            case.employer.name if case.employer else "", f"{case.headcount}",
            f"{case.amount:.2f}" if case.amount is not None else "", _moment(case.opened_at), _moment(case.due_at),
            light, _moment(case.closed_at),
        ]  # fmt: skip
        yield [safe_cell(str(one or "")) for one in cells]


def _written(rows: CaseQuerySet, export: Export) -> Iterator[tuple[list[list[str]], str]]:
    """Chunk by chunk its cells and its digest; the page learns how far it is."""
    count = 0
    for chunk in _chunks(rows):
        yield list(_cells(chunk)), digest_of([(one.pk, one.state) for one in chunk])
        count += len(chunk)
        listings.progress(export, count)


def write(path: Path, export: Export, actor: Actor) -> tuple[int, str]:
    """All cells are text, and none a formula; answers how many rows, and their digest."""
    rows = found(actor.access, str(export.query.get("query", "")))
    writer = _csv if listings.suffix_of(export.query) == "csv" else _xlsx
    count, digests = 0, []
    for cells, digest in writer(path, _written(rows, export)):
        count += cells
        digests.append((digest,))
    path.chmod(0o600)  # the library made the file anew
    return count, digest_of(digests)


Chunks = Iterator[tuple[list[list[str]], str]]


def _csv(path: Path, chunks: Chunks) -> Iterator[tuple[int, str]]:
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        book = csv.writer(target)
        book.writerow([title for title, _ in COLUMNS])
        for rows, digest in chunks:
            book.writerows(rows)
            yield len(rows), digest


def _xlsx(path: Path, chunks: Chunks) -> Iterator[tuple[int, str]]:
    import xlsxwriter  # by the job that writes; other processes do without

    book = xlsxwriter.Workbook(str(path), {**_OPTIONS, "tmpdir": str(path.parent)})
    text = book.add_format({"num_format": "@"})
    head = book.add_format({"bold": True, "bg_color": "#EDEBE6", "num_format": "@"})
    sheet = book.add_worksheet("案件")
    sheet.freeze_panes(1, 1)
    for place, (title, width) in enumerate(COLUMNS):
        sheet.set_column(place, place, width, text)
        sheet.write_string(0, place, title, head)
    line = 0
    for rows, digest in chunks:
        for cells in rows:
            line += 1
            for place, value in enumerate(cells):
                if value:
                    sheet.write_string(line, place, value, text)
        yield len(rows), digest
    book.close()


CASES = listings.Listing(
    code="cases",
    title="案件",
    unit="件",
    permission=PERMISSION,
    purpose="cases.export",
    address="desk_cases_export",
    back="desk_cases",
    verbs=("cases.ask_export", "cases.exported", "cases.download_export"),
    model=Case,
    count=lambda actor, query: found(actor.access, str(query.get("query", ""))).order_by().count(),
    write=write,
    lead="提交人打码，没有当事人的号码和陈述。",
)
listings.register(CASES)
