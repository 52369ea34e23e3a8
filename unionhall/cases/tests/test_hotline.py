"""A list of 12351 is registered by a job, row by row: nobody waits for it, and a job that stopped goes on."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from threading import Thread

import polars as pl
import pytest
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.world import World
from unionhall.access.models import Account
from unionhall.cases import superiors
from unionhall.cases.actions import appeals, hotline, hotline_ending, hotline_taking
from unionhall.cases.models import Case, HotlineList, HotlineRow
from unionhall.cases.tasks.hotline import take_hotline_list
from unionhall.cases.tests.test_appeals import matter
from unionhall.foundation.actors import Actor, NoAccess, system_actor
from unionhall.foundation.errors import Refused
from unionhall.organisations.models import Organisation
from unionhall.records.models import JournalEntry, Message

pytestmark = pytest.mark.django_db
WHY = "test"
OFFICER = "river_officer"
Given = dict[str, str]
Register = Callable[[Actor, Organisation, Given], appeals.Filed]


def work_off() -> None:
    """What the worker does with the jobs that were asked for."""
    for one in ProcrastinateJob.objects.filter(task_name="cases.take_hotline_list").order_by("pk"):
        take_hotline_list(**one.args)


@pytest.fixture
def made(world: World, tmp_path: Path) -> HotlineList:
    """Three good rows, and somebody has said yes to them."""
    rows = [f"HX{number},{timezone.localdate()},第 {number} 个月没发工资" for number in (1, 2, 3)]
    path = tmp_path / "a.csv"
    path.write_text("\n".join(["工单号,来电时间,反映内容", *rows]), encoding="utf-8")
    actor = world.actor(OFFICER)
    found = hotline.receive(actor, organisation=world.unions["river_city"], path=path, name="a.csv")
    return hotline_taking.take(actor, made=found)


def at_row(monkeypatch: pytest.MonkeyPatch, number: str, happens: Callable[[], None]) -> None:
    """Before the row with this number is registered something else happens."""
    real: Register = hotline_taking._register

    def register(actor: Actor, union: Organisation, given: Given) -> appeals.Filed:
        if given["number"] == number:
            happens()
        return real(actor, union, given)

    monkeypatch.setattr(hotline_taking, "_register", register)


def cases() -> list[str]:
    rows = Case.objects.everywhere(reason=WHY).filter(channel="5").order_by("appeal__source_number")
    return list(rows.values_list("appeal__source_number", flat=True))


def told(world: World) -> QuerySet[Message]:
    """What whoever said yes was told."""
    return Message.objects.everywhere(reason=WHY).filter(recipient_id=world.accounts[OFFICER].pk)


def fresh(made: HotlineList) -> HotlineList:
    return HotlineList.objects.everywhere(reason=WHY).get(pk=made.pk)


@pytest.mark.django_db(transaction=True)
def test_nobody_who_files_meanwhile_waits_for_the_list(
    world: World, made: HotlineList, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[bool] = []

    def file() -> None:
        try:
            appeals.file_public(
                Actor(None, "访客", NoAccess()), matter(world, organisation=world.unions["alpha"])
            )
        finally:
            connection.close()

    def meanwhile() -> None:
        other = Thread(target=file)
        other.start()
        other.join(5)
        waited.append(other.is_alive())

    at_row(monkeypatch, "HX2", meanwhile)
    hotline_taking.carry_on(world.actor(OFFICER), made.pk)
    assert waited == [False]
    assert cases() == ["HX1", "HX2", "HX3"]


def test_saying_yes_queues_the_job_once_and_whoever_said_it_is_told(world: World, made: HotlineList) -> None:
    assert (fresh(made).state, cases()) == ("taking", [])
    with pytest.raises(Refused, match="不能放弃"):
        hotline.discard(world.actor(OFFICER), made=made)
    work_off()
    assert (fresh(made).state, cases()) == ("taken", ["HX1", "HX2", "HX3"])
    work_off()
    assert cases() == ["HX1", "HX2", "HX3"], "twice is once"
    with pytest.raises(Refused, match="已经处理过"):
        hotline_taking.take(world.actor(OFFICER), made=made)
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="cases.hotline_taken")
    assert (entry.detail, entry.actor_id) == ({"count": 3, "faulty": 0}, world.accounts[OFFICER].pk)
    assert "已登记 3 件" in told(world).latest("pk").title


def test_a_job_that_stopped_goes_on_where_it_was(
    world: World, made: HotlineList, monkeypatch: pytest.MonkeyPatch, signed_in: Callable[[str], Client]
) -> None:
    def killed() -> None:
        raise OperationalError("the connection is lost")

    client, page = signed_in(OFFICER), reverse("desk_hotline_list", args=[made.pk])
    with monkeypatch.context() as broken:
        at_row(broken, "HX2", killed)
        for _ in range(2):
            with pytest.raises(OperationalError):
                work_off()
    assert cases() == ["HX1"]
    assert told(world).filter(title="12351 工单没有登记完").count() == 1, "once, though the job tried twice"
    assert "登记中断" in client.get(page).content.decode()
    assert client.post(page).status_code == 302
    moving = client.get(f"{page}progress/")
    assert ("HX-Refresh" in moving, "33" in moving.content.decode()) == (False, True)
    work_off()
    assert cases() == ["HX1", "HX2", "HX3"]
    assert (fresh(made).state, fresh(made).message) == ("taken", "")
    assert client.get(f"{page}progress/")["HX-Refresh"] == "true"


def test_a_row_that_is_refused_goes_back_with_the_faulty_ones(
    made: HotlineList, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused() -> None:
        raise Refused("这里还没有建立工会，请拨打 12351。")

    at_row(monkeypatch, "HX2", refused)
    work_off()
    rows = HotlineRow.objects.everywhere(reason=WHY).order_by("row")
    assert [(one.fate, one.fault) for one in rows] == [
        ("new", ""), ("fault", "这里还没有建立工会，请拨打 12351。"), ("new", ""),
    ]  # fmt: skip
    assert (fresh(made).state, cases()) == ("taken", ["HX1", "HX3"])


def test_a_row_that_fails_goes_back_and_does_not_stop_those_behind_it(
    world: World, made: HotlineList, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise ValueError("A string literal cannot contain NUL (0x00) characters.")

    at_row(monkeypatch, "HX2", broken)
    work_off()
    assert (fresh(made).state, fresh(made).message, cases()) == ("taken", "", ["HX1", "HX3"])
    row = HotlineRow.objects.everywhere(reason=WHY).get(fate="fault")
    assert (row.row, row.fault) == (3, hotline_taking.FAILED)
    book = hotline.faults(world.actor(OFFICER), made=fresh(made))
    table = pl.read_excel(BytesIO(book), engine="calamine")
    assert table.select("工单号", "错误说明").rows() == [("HX2", hotline_taking.FAILED)]
    letter = told(world).latest("pk")
    assert ("已登记 2 件" in letter.title, "有错误的 1 行没有登记" in letter.body) == (True, True)


def test_the_job_may_what_whoever_said_yes_may_now(world: World, made: HotlineList) -> None:
    Account.objects.filter(pk=world.accounts[OFFICER].pk).update(is_active=False)
    work_off()
    found = fresh(made)
    assert (found.state, cases()) == ("taking", [])
    assert "没有“导入热线工单”的权限" in found.message
    letters = Message.objects.everywhere(reason=WHY).filter(title="12351 工单没有登记完")
    assert set(letters.values_list("recipient_id", flat=True)) == superiors.accounts(
        made.organisation, levels=0
    ) | {world.accounts[OFFICER].pk}


def test_what_was_never_registered_is_given_up_when_the_callers_words_go(made: HotlineList) -> None:
    hotline_ending.empty(system_actor(), made)
    assert fresh(made).state == "taken"
    work_off()
    assert cases() == []
