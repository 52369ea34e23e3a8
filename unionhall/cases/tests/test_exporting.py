"""The list of cases as a file: by its filters, within the reader's scope, without anybody's name or number."""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from tests.world import World
from unionhall.cases.exporting import CASES, COLUMNS
from unionhall.cases.models import Case
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.members import listings
from unionhall.members.models import Export
from unionhall.records import attachments
from unionhall.records.models import JournalEntry

from . import disputes as scene

WHY = "test"
SignIn = Callable[[str], Client]
TITLES = [title for title, _ in COLUMNS]


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Path) -> None:
    settings.FILES_DIR = tmp_path


def ask(world: World, who: str = "pier_officer", **query: str) -> Export:
    export = listings.ask(
        world.actor(who), CASES, query={"query": "", "format": "xlsx"} | query, purpose="季度分析"
    )
    listings.run(export.pk)
    export.refresh_from_db()
    return export


def content(export: Export) -> bytes:
    assert export.file is not None, export.message
    return b"".join(attachments.chunks(export.file))


def test_the_page_asks_and_the_file_holds_what_the_filters_leave(signed_in: SignIn, world: World) -> None:
    case, other = scene.dispute(world), scene.dispute(world, cause="contract")
    Case.objects.everywhere(reason=WHY).filter(pk=case.pk).update(title='=HYPERLINK("http://x")')
    client = signed_in("pier_officer")
    page = client.get(f"{reverse('desk_cases')}?cause=wages").content.decode()
    assert f"{reverse('desk_cases_export_new')}?cause=wages" in page
    url = f"{reverse('desk_cases_export_new')}?cause=wages"
    assert "<b>1</b> 件" in client.get(url).content.decode()
    assert client.post(url, {"purpose": "", "format": "xlsx"}).status_code == 422
    asked = client.post(url, {"purpose": "季度分析", "format": "xlsx"})
    export = Export.objects.everywhere(reason=WHY).get()
    assert asked.headers["Location"] == reverse("desk_cases_export", args=[export.pk])
    listings.run(export.pk)
    sheet = openpyxl.load_workbook(
        io.BytesIO(b"".join(client.post(reverse("desk_cases_export_download", args=[export.pk]))))
    ).active
    head, row = list(sheet.iter_rows(values_only=True))
    assert list(head) == TITLES
    assert (row[0], row[2], row[9]) == (case.number, '\'=HYPERLINK("http://x")', "张*")
    assert other.number not in row
    verbs = JournalEntry.objects.everywhere(reason=WHY).filter(subject_type="members.export")
    assert list(verbs.order_by("pk").values_list("action", flat=True)) == [
        "cases.ask_export", "cases.exported", "cases.download_export"
    ]  # fmt: skip
    assert (
        reverse("desk_cases_export", args=[export.pk])
        in client.get(reverse("desk_cases_exports")).content.decode()
    )
    mine = reverse("desk_export", args=[export.pk])
    assert client.get(mine).status_code == 404  # the members' pages know their own only


def test_csv_says_the_same_and_the_scope_holds(world: World) -> None:
    case = scene.dispute(world)
    rows = list(csv.reader(io.StringIO(content(ask(world, format="csv")).decode("utf-8-sig"))))
    assert (rows[0], rows[1][0]) == (TITLES, case.number)
    assert "13812345678" not in str(rows)
    elsewhere = ask(world, "chair_delta", format="csv")
    assert (elsewhere.rows, len(content(elsewhere).splitlines())) == (0, 1)
    with pytest.raises(Refused, match="筛选条件有误"):
        ask(world, query="state=nothing")
    for who in ("auditor", "clerk", "leader", "worker_alpha"):
        with pytest.raises(NotAllowed):
            ask(world, who)
