"""The journal of some days: found by their time, page after page, none twice and none left out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.world import World
from unionhall.foundation.actors import system_actor
from unionhall.records.actions import journal
from unionhall.records.models import JournalEntry
from unionhall.records.views.journal import Journal

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
ADDRESS = "/desk/journal/"


def written(at: datetime, reason: str) -> int:
    """An entry of another moment than now; its number comes in the order of writing all the same."""
    entry = journal(system_actor(), "members.reveal", reason=reason)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE records_journalentry SET at = %s WHERE id = %s", [at, entry.pk])
    return entry.pk


def noon(days_ago: int) -> datetime:
    return timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=days_ago)


def pages(client: Client, query: str) -> list[list[int]]:
    """The numbers of all pages; on the way back each page is what it was."""
    found, url = [], f"{ADDRESS}?{query}"
    shown: Any = None
    while url:
        before, shown = shown, client.get(url).context
        found.append([row.pk for row in shown["rows"]])
        if before is not None:
            back = client.get(ADDRESS + shown["previous_url"]).context
            assert [row.pk for row in back["rows"]] == found[-2]
        url = ADDRESS + shown["next_url"] if shown["next_url"] else ""
    return found


def test_entries_of_one_moment_are_all_met_page_by_page(
    world: World, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Journal, "page_size", 2)
    day = noon(400)
    late = written(day + timedelta(hours=2), "later, and written first")
    same = [written(day, "of one moment") for _ in range(5)]
    written(day + timedelta(days=1), "the day after")
    found = pages(signed_in("auditor"), f"since={day:%Y-%m-%d}&until={day:%Y-%m-%d}")
    assert found == [[late, same[4]], [same[3], same[2]], [same[1], same[0]]]


def test_a_page_that_nobody_had_is_not_found(world: World, signed_in: SignIn) -> None:
    client, today = signed_in("auditor"), timezone.localdate()
    for key in ("999999999", "x", "2026-01-01"):
        assert client.get(ADDRESS, {"since": f"{today}", "after": key}).status_code == 404, key


def test_days_are_found_by_the_index_of_their_time(world: World) -> None:
    view = Journal()
    view.form = type("Form", (), {"cleaned_data": {"since": timezone.localdate()}})()
    rows = JournalEntry.objects.everywhere(reason="the plan of a page").filter(at__gte=noon(8))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "journal_at" in view.ordered(rows.filter(at__lt=noon(1)), falling=True)[:21].explain()


def test_a_name_is_looked_for_in_a_month_unless_days_are_given(world: World, signed_in: SignIn) -> None:
    client, whose = signed_in("auditor"), system_actor().name
    old = written(noon(40), "forty days ago")
    shown = client.get(ADDRESS, {"actor": whose})
    assert old not in [row.pk for row in shown.context["rows"]]
    assert f"{timezone.localdate() - timedelta(days=31):%Y-%m-%d} 以后" in shown.content.decode()
    given = client.get(
        ADDRESS, {"actor": whose, "since": f"{noon(41):%Y-%m-%d}", "until": f"{noon(39):%Y-%m-%d}"}
    )
    assert [row.pk for row in given.context["rows"]] == [old]
    assert "只查" not in given.content.decode()
    about = client.get(ADDRESS, {"actor": whose, "subject": "members.person:1"})
    assert "只查" not in about.content.decode(), "what concerns one object is few"


def test_a_name_is_not_looked_for_in_more_than_a_year(world: World, signed_in: SignIn) -> None:
    shown = signed_in("auditor").get(ADDRESS, {"actor": "王", "since": f"{noon(800):%Y-%m-%d}"})
    assert "缩短到一年以内" in shown.content.decode()
    assert "actor" not in shown.context["filter_form"].cleaned_data


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("name", ["since", "until"])
def test_a_day_that_nobody_can_mean_is_said_so(world: World, signed_in: SignIn, name: str, day: str) -> None:
    shown = signed_in("auditor").get(ADDRESS, {name: day})
    assert shown.status_code == 200
    assert "请填写 1900 年至 2100 年之间的日期" in shown.content.decode()
