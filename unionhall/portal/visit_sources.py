"""Injuries, hardships and troubles that rooms know of, as events for outreach: what makes a union visit.

No illness and no sum of money is named; whoever filed without a name is not sought.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from unionhall import rulebook
from unionhall.benefits.models import HardshipFile, SettlementFile, SettlementLine
from unionhall.cases.models import Case
from unionhall.network.models import GridItem
from unionhall.outreach.cadres import union_of_person
from unionhall.outreach.schemes import PROGRAMME
from unionhall.outreach.triggers import Event, Source

WHY = "events that ask for a visit are looked for wherever they stand"
INJURED = "injury"
#: Kinds of cases in which somebody may have been hurt, and those that are trouble for a whole firm.
OF_PERSONS, OF_FIRMS = ("appeal", "dispute", "legal_aid"), ("incident",)
GRID = {"hardship": "hardship", "safety": "trouble"}


def hardship_files(since: datetime) -> Iterator[Event]:
    """A household asked for relief."""
    rows = HardshipFile.objects.everywhere(reason=WHY).filter(created_at__gte=since)
    for one in rows.select_related("person", "organisation"):
        yield Event(
            f"relief:{one.pk}", "hardship", "申请了困难帮扶，请上门了解情况。", one.created_at, one.organisation,
            one.person,
        )  # fmt: skip


def settlements(since: datetime) -> Iterator[Event]:
    """A great burden that medical mutual aid paid part of: from the sum that schemes call serious."""
    least = min((one.parameters.serious_settlement for one in rulebook.versions(PROGRAMME)), default=None)
    if least is None:
        return
    files = SettlementFile.objects.everywhere(reason=WHY).filter(finished_at__gte=since)
    for file in files.values_list("pk", flat=True):
        lines = SettlementLine.objects.everywhere(reason=WHY).current()
        rows = lines.filter(file=file, person__isnull=False, outcome="granted", amount__gte=least)
        for one in rows.select_related("person").iterator(chunk_size=500):
            union = union_of_person(one.person_id)
            if union is None or one.decided_at is None or not _serious(one, union):
                continue
            yield Event(
                f"medical:{one.root}", "hardship", "家里近期有大额支出，请上门看望，了解是否需要帮助。",
                one.decided_at, union, one.person,
            )  # fmt: skip


def _serious(line: SettlementLine, union: Any) -> bool:
    day = line.decided_at.date() if line.decided_at else None
    if day is None:
        return False
    version = rulebook.scheme(PROGRAMME, on=day, division=union.division)
    return bool(line.amount >= version.parameters.serious_settlement)


def injuries(since: datetime) -> Iterator[Event]:
    """An open appeal, dispute or legal aid over an injury; the worker's union, else the one that handles it."""
    rows = Case.objects.everywhere(reason=WHY).open().filter(kind__in=OF_PERSONS, cause=INJURED)
    rows = rows.filter(opened_at__gte=since).select_related("organisation", "person", "employer")
    for one in rows:
        person = None if one.is_anonymous else one.person
        if person is None and one.employer is None:
            continue
        union = (union_of_person(person.pk) if person is not None else None) or one.organisation
        yield Event(
            f"case:{one.number}", "injury", "反映受伤事项，请探望并了解处理情况。", one.opened_at, union, person,
            None if person is not None else one.employer,
        )  # fmt: skip


def incidents(since: datetime) -> Iterator[Event]:
    """An incident at a firm: whoever works there is in trouble."""
    rows = Case.objects.everywhere(reason=WHY).open().filter(kind__in=OF_FIRMS, employer__isnull=False)
    for one in rows.filter(opened_at__gte=since).select_related("organisation", "employer"):
        yield Event(
            f"case:{one.number}", "trouble", "单位发生群体性事件，请到场了解职工诉求。", one.opened_at,
            one.organisation, employer=one.employer,
        )  # fmt: skip


def grid_items(since: datetime) -> Iterator[Event]:
    """What a grid worker found at a firm: workers in hardship, something dangerous."""
    rows = GridItem.objects.everywhere(reason=WHY).open().filter(kind__in=list(GRID), employer__isnull=False)
    for one in rows.filter(reported_at__gte=since).select_related("organisation", "employer"):
        words = "网格员发现职工有困难" if one.kind == "hardship" else "网格员发现安全隐患"
        yield Event(
            f"grid:{one.number}", GRID[one.kind], f"{words}，请到单位走访。", one.reported_at, one.organisation,
            employer=one.employer,
        )  # fmt: skip


SOURCES = (
    Source("relief", "困难帮扶申请", hardship_files),
    Source("medical", "医疗互助结算", settlements, hourly=True),
    Source("injury", "受伤的诉求和争议", injuries),
    Source("incident", "群体性事件", incidents),
    Source("grid", "网格事项", grid_items),
)
