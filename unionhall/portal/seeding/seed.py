"""From an empty database to a province: the order in which everything is made."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from random import Random

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import Holiday
from unionhall.insights import rollups
from unionhall.kit.workdays import published_days
from unionhall.organisations import divisions
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal

from . import offices, stations
from .population import Population, analyse
from .province import Builder, Province
from .sizes import Sizes
from .writing import write_tree

__all__ = ["Outcome", "Report", "seed"]

#: Told what is being done, how much of it now stands, and how much there is in all.
Report = Callable[[str, int, int], None]


@dataclass
class Outcome:
    """What was made, and how fast the people were."""

    unions: int
    people: int
    seconds: float
    rows_per_second: float
    accounts: list[dict[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        return {
            "unions": self.unions,
            "people": self.people,
            "seconds": round(self.seconds, 1),
            "people_per_second": round(self.rows_per_second),
            "accounts": len(self.accounts),
        }


def seed(sizes: Sizes, number: int, report: Report, today: date | None = None) -> Outcome:
    """Fill an empty database. Raises Refused when unions already stand in it or the map's package is missing."""
    began = time.monotonic()
    today = today or timezone.localdate()
    if Organisation.objects.everywhere(reason="seeding asks whether the database is empty").exists():
        raise Refused(
            "数据库里已经有工会组织，没有放入示范数据。请换一个空的数据目录（UNIONHALL_HOME）后再试。"
        )
    # One transaction: a seeding that fails or is killed leaves an empty database.
    accounts: list[dict[str, str]] = []
    with transaction.atomic():
        made, speed = _everything(sizes, number, today, report)
        if settings.DEMO and made.story is not None:
            accounts = _demo(made, number, today, report)
    report("完成", 1, 1)
    return Outcome(len(made.unions), sizes.people, time.monotonic() - began, speed, accounts)


def _everything(sizes: Sizes, number: int, today: date, report: Report) -> tuple[Province, float]:
    report("节假日和行政区划", 0, 1)
    load_calendar()
    try:
        divisions.load(sizes.province)
    except Refused as missing:
        raise Refused(f"{missing}（或在项目目录执行 make setup）") from missing
    report("工会组织", 0, 1)
    made = Builder(sizes, Random(f"{number}:{sizes.name}"), today).build()  # noqa: S311 — not a secret
    write_tree(made, today)
    speed = _people(sizes, made, number, today, report)
    report("任职和统计", 0, 1)
    analyse()  # the planner has not seen the rows of this transaction yet
    offices.count_employees()
    offices.fill_posts()
    if not (settings.DEMO and made.story is not None):
        report("服务站点和网格", 0, 1)
        stations.fill(today)
    report("统计汇总", 0, 1)
    rollups.rebuild()
    _journal(sizes, made)
    return made, speed


def load_calendar() -> int:
    """Public holidays and make-up working days as published; days that were edited here stay as they are."""
    rows = [Holiday(day=day, is_working_day=works, name=name) for day, works, name in published_days()]
    return len(Holiday.objects.bulk_create(rows, ignore_conflicts=True))


def _people(sizes: Sizes, made: Province, number: int, today: date, report: Report) -> float:
    """Write everyone; answers people per second."""
    began, done = time.monotonic(), 0

    def more(count: int) -> None:
        nonlocal done
        done += count
        report("职工和会籍", done, sizes.people)

    def build(done: int, total: int) -> None:
        report("索引和约束", done, total)

    report("职工和会籍", 0, sizes.people)
    Population(sizes, made.unions, number, today).write(more, build)
    return sizes.people / max(time.monotonic() - began, 1e-9)


def _journal(sizes: Sizes, made: Province) -> None:
    journal(
        system_actor("示范数据"),
        "portal.seed",
        label=f"示范数据 {sizes.name}",
        paths=(made.unions[0].path,),
        detail={"scale": sizes.name, "unions": len(made.unions), "people": sizes.people},
    )


def _demo(made: Province, number: int, today: date, report: Report) -> list[dict[str, str]]:
    from . import accounts, work

    report("演示账号和待办事项", 0, 1)
    opened = accounts.open_accounts(made, today)
    work.leave_work(made, opened, number, today, report)
    return accounts.write_list(opened)
