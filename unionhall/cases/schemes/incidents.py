"""群体性事件: the local table of grades, the clocks of the room, when cases against one employer make a warning."""

from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from unionhall.rulebook import programme

from .base import CaseScheme, Code

PROGRAMME = "case_incident"
#: States and clocks that the room itself speaks of; a version has to have them.
WARNING, DISMISSED = "warning", "dismissed"
NEEDED_STATES = frozenset({WARNING, DISMISSED, "reported", "review", "closed"})
FOUR = ("written", "on_site", "opinions", "assistance")
NEEDED_CLOCKS = frozenset({"judge", "phone", "update", "release", *FOUR})


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Word(_Part):
    """A code and what people read: a trigger, a topic of opinions, a role in the room."""

    code: str = Code
    label: str = Field(min_length=1, max_length=40)


class GradeRow(_Part):
    """A grade: reached by headcount, by deaths, or by one of the triggers named. `code`: I, II, III, IV."""

    code: str = Field(pattern=r"^[IV]{1,3}$")
    label: str = Field(min_length=1, max_length=20)
    headcount: int = Field(ge=1)
    deaths: int | None = Field(default=None, ge=1)
    triggers: tuple[str, ...] = ()


class Cluster(_Part):
    """When cases against one employer make a warning: so many cases and people within so many days.

    A warning that was dismissed comes again when cases or people have grown by `growth` (0.5: by half).
    `level`: the warning goes to the union of this level above the cases (3: county).
    """

    cases: int = Field(ge=2, le=100)
    headcount: int = Field(ge=2)
    days: int = Field(ge=1, le=365)
    growth: Decimal = Field(gt=0, le=10)
    level: int = Field(default=3, ge=1, le=5)


@programme(PROGRAMME, title="职工群体性事件")
class IncidentScheme(CaseScheme):
    """群体性事件. Grades stand from the gravest down.

    `withheld_minutes`: more than this between the event and the first report is flagged to superiors;
    `destroy_days` after closing, contacts, names and statements are destroyed.
    """

    grades: tuple[GradeRow, ...] = Field(min_length=1)
    triggers: tuple[Word, ...] = ()
    roles: tuple[Word, ...] = Field(min_length=1)
    topics: tuple[Word, ...] = Field(min_length=1)
    cluster: Cluster
    withheld_minutes: int = Field(ge=1)
    destroy_days: int = Field(ge=1, le=3650)

    @model_validator(mode="after")
    def _room(self) -> Self:
        counts = [one.headcount for one in self.grades]
        if counts != sorted(counts, reverse=True) or len(set(counts)) != len(counts):
            raise ValueError("分级 grades 应从最严重的一级写起，人数依次减少。")
        known = {one.code for one in self.triggers}
        if strange := sorted({code for one in self.grades for code in one.triggers} - known):
            raise ValueError(f"分级里写了不存在的情形：{'、'.join(strange)}。")
        if missing := sorted(NEEDED_STATES - {one.code for one in self.states}):
            raise ValueError(f"缺少状态：{'、'.join(missing)}。")
        if missing := sorted(NEEDED_CLOCKS - {one.code for one in self.clocks}):
            raise ValueError(f"缺少时限：{'、'.join(missing)}。")
        return self

    def grade_label(self, code: str) -> str:
        return next((one.label for one in self.grades if one.code == code), code)

    def words(self, name: str) -> dict[str, str]:
        """`triggers`, `roles` or `topics` as code → label."""
        return {one.code: one.label for one in getattr(self, name)}
