"""The columns that a roster may have: what the register keeps, what people call it, which code set it follows."""

from __future__ import annotations

from dataclasses import dataclass

from unionhall.kit.codes import (
    EDUCATION,
    EMPLOYMENT_FORM,
    EMPLOYMENT_STATUS,
    ETHNICITY,
    HUKOU_TYPE,
    POLITICAL_STATUS,
    SEX,
    SKILL_LEVEL,
    CodeSet,
)

__all__ = ["BY_KEY", "COLUMNS", "EMPLOYMENT_KEYS", "PERSON_KEYS", "REQUIRED", "TITLES", "Column"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `key` in staged rows, `title` as our templates and exports head it, `length` the longest text."""

    key: str
    title: str
    codes: CodeSet | None = None
    length: int = 0
    width: int = 12


COLUMNS: tuple[Column, ...] = (
    Column("name", "姓名", width=10),
    Column("id_type", "证件类型", width=14),
    Column("id_number", "证件号码", width=22),
    Column("sex", "性别", SEX, width=6),
    Column("birth", "出生日期"),
    Column("phone", "手机号", width=14),
    Column("ethnicity", "民族", ETHNICITY, width=9),
    Column("education", "学历", EDUCATION),
    Column("political", "政治面貌", POLITICAL_STATUS),
    Column("household_type", "户口类型", HUKOU_TYPE),
    Column("household_place", "户口所在地", length=120, width=20),
    Column("native_place", "籍贯", length=60),
    Column("migrant_worker", "农民工", width=8),
    Column("skill", "技能等级", SKILL_LEVEL),
    Column("work_unit", "工作单位", length=120, width=24),
    Column("occupation", "工种岗位", length=60),
    Column("status", "就业状况", EMPLOYMENT_STATUS),
    Column("form", "用工形式", EMPLOYMENT_FORM),
    Column("joined_on", "入会日期"),
    Column("union", "所在工会", width=28),
)
BY_KEY = {column.key: column for column in COLUMNS}
TITLES = [column.title for column in COLUMNS]
REQUIRED = ("name", "id_number")
#: Where each value goes: the person, or the employment in force.
PERSON_KEYS = (
    "sex", "birth", "ethnicity", "education", "political", "household_type", "household_place", "native_place",
    "migrant_worker", "skill",
)  # fmt: skip
EMPLOYMENT_KEYS = ("work_unit", "occupation", "status", "form")
