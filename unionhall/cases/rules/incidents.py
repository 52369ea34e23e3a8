"""Incidents, pure: the grade, whether a report came late or was withheld, when cases make a warning, when data goes.

Grades: domain.md §7, a table of the place. No late, false or concealed report: 突发事件应对法 (2024) art. 61.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from unionhall.rulebook.programmes import calculator

from ..schemes.incidents import PROGRAMME, Cluster, IncidentScheme

__all__ = ["Graded", "Reported", "cluster_raises", "destroy_at", "grade", "judge_report", "raises"]


@dataclass(frozen=True)
class Graded:
    """The grade ("" below the lowest) and why, in words."""

    code: str
    because: str


def grade(
    parameters: IncidentScheme, *, headcount: int, deaths: int = 0, triggers: tuple[str, ...] = ()
) -> Graded:
    """The gravest grade that headcount, deaths or a trigger reaches. Negative numbers raise ValueError."""
    if headcount < 0 or deaths < 0:
        raise ValueError("people are not negative")
    labels = parameters.words("triggers")
    for row in parameters.grades:
        if headcount >= row.headcount:
            return Graded(row.code, f"{headcount:,} 人参与，达到 {row.headcount:,} 人")
        if row.deaths is not None and deaths >= row.deaths:
            return Graded(row.code, f"死亡 {deaths} 人，达到 {row.deaths} 人")
        if met := [labels[code] for code in row.triggers if code in triggers]:
            return Graded(row.code, "、".join(met))
    return Graded("", f"{headcount:,} 人参与，没有达到分级标准")


@calculator("incidents.grade", programme=PROGRAMME)
def grade_code(
    parameters: IncidentScheme, *, headcount: int, deaths: int = 0, triggers: tuple[str, ...] = ()
) -> str:
    return grade(parameters, headcount=headcount, deaths=deaths, triggers=triggers).code


@dataclass(frozen=True)
class Reported:
    """How the first report stood to its clocks: minutes it was late (0: in time), withheld or not, in words."""

    late_minutes: int
    gap_minutes: int
    withheld: bool
    words: tuple[str, ...]


def judge_report(
    *,
    occurred_at: datetime,
    known_at: datetime,
    reported_at: datetime,
    phone_minutes: int,
    withheld_minutes: int,
) -> Reported:
    """Late: reported later than `phone_minutes` after it was known. Withheld: longer than `withheld_minutes` after it
    happened, whatever is said of when it was known."""
    late = max(0, _minutes(reported_at - known_at) - phone_minutes)
    gap = max(0, _minutes(reported_at - occurred_at))
    words = []
    if late:
        words.append(f"首报比规定的 {phone_minutes} 分钟晚 {span(late)}")
    if gap > withheld_minutes:
        words.append(f"事件发生 {span(gap)}后才首次报告，请核实是否瞒报、漏报")
    return Reported(late, gap, gap > withheld_minutes, tuple(words))


def span(minutes: int) -> str:
    """Minutes as people say them."""
    hours, rest = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} 天 {hours % 24} 小时"
    return f"{hours} 小时 {rest} 分钟" if hours else f"{rest} 分钟"


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)


def raises(cluster: Cluster, *, cases: int, headcount: int, dismissed: tuple[int, int] | None = None) -> bool:
    """Whether so many cases and people make a warning. `dismissed`: cases and people when one was last dismissed."""
    if cases < cluster.cases or headcount < cluster.headcount:
        return False
    if dismissed is None:
        return True
    before_cases, before_heads = dismissed
    factor = 1 + cluster.growth
    return cases >= before_cases * factor or headcount >= before_heads * factor


@calculator("incidents.cluster", programme=PROGRAMME)
def cluster_raises(
    parameters: IncidentScheme,
    *,
    cases: int,
    headcount: int,
    dismissed_cases: int | None = None,
    dismissed_headcount: int = 0,
) -> bool:
    before = None if dismissed_cases is None else (dismissed_cases, dismissed_headcount)
    return raises(parameters.cluster, cases=cases, headcount=headcount, dismissed=before)


def destroy_at(parameters: IncidentScheme, closed_at: datetime) -> datetime:
    """From when on what is personal in it is destroyed (突发事件应对法 art. 85: for the response only)."""
    return closed_at + timedelta(days=parameters.destroy_days)
