"""Figures of members and their breakdowns. Own facts (sex, education …) are as now, periods as of the day.

An age is the one reached in the calendar year: figures are kept by birth year, and lists filter by the same condition.
"""

from datetime import date
from typing import Any

from django.db.models import Case, CharField, F, FilteredRelation, Q, QuerySet, Value, When
from django.utils import timezone

from unionhall.indicators.registry import Dimension, indicator, subset
from unionhall.kit.codes import EDUCATION, EMPLOYMENT_FORM, EMPLOYMENT_STATUS, Sex

from .models import Membership

FIGURES = "organisations.figures"
#: Age bands: code, label, from (years), up to but not including (None: no end).
AGE_BANDS: tuple[tuple[str, str, int, int | None], ...] = (
    ("0-24", "24 岁及以下", 0, 25),
    ("25-34", "25—34 岁", 25, 35),
    ("35-44", "35—44 岁", 35, 45),
    ("45-54", "45—54 岁", 45, 55),
    ("55-", "55 岁及以上", 55, None),
)
PLATFORM = "5"


def day_of(where: Any) -> Any:
    return where.day or timezone.localdate()


def born_within(low: int, high: int | None, day: date) -> tuple[date | None, date]:
    """Birth dates (after, up to and including) of those who reach `low` to under `high` years in the day's year."""
    return None if high is None else date(day.year - high, 12, 31), date(day.year - low, 12, 31)


def age_q(low: int, high: int | None, day: date, to: str = "person__") -> Q:
    """The condition that a person reaches an age from `low` to under `high` in the year of the day."""
    after, until = born_within(low, high, day)
    condition = Q(**{f"{to}birth__lte": until})
    return condition if after is None else condition & Q(**{f"{to}birth__gt": after})


def age_band(birth_year: int, year: int) -> str:
    """The code of the band of those born in a year; "" for no year (0)."""
    age = year - birth_year
    known = (code for code, _, low, high in AGE_BANDS if low <= age and (high is None or age < high))
    return next(known, "") if birth_year else ""


def _age(where: Any) -> Case:
    day = day_of(where)
    bands = [When(age_q(low, high, day), then=Value(code)) for code, _, low, high in AGE_BANDS]
    return Case(*bands, default=Value(""), output_field=CharField())


def _with_employment(rows: QuerySet[Any], where: Any) -> QuerySet[Any]:
    """Join the employment of the day; a member without one stays in the count."""
    condition = Q(person__employments__period__contains=day_of(where))
    joined: QuerySet[Any] = rows.annotate(work=FilteredRelation("person__employments", condition=condition))
    return joined


def _migrant(where: Any) -> Case:
    yes = When(person__migrant_worker=True, then=Value("1"))
    return Case(yes, default=Value("0"), output_field=CharField())


DIMENSIONS = (
    Dimension("sex", "性别", lambda where: F("person__sex"), dict(Sex.choices()), "sex"),
    Dimension("age", "年龄", _age, {code: label for code, label, *_ in AGE_BANDS}, "age"),
    Dimension("education", "学历", lambda where: F("person__education"), EDUCATION.labels, "education"),
    Dimension(
        "status",
        "就业状况",
        lambda where: F("work__status"),
        EMPLOYMENT_STATUS.labels,
        "status",
        _with_employment,
    ),
    Dimension(
        "form", "用工形式", lambda where: F("work__form"), EMPLOYMENT_FORM.labels, "form", _with_employment
    ),
    Dimension("migrant", "农民工", _migrant, {"1": "农民工", "0": "非农民工"}, "migrant"),
)


@indicator(
    "members.count",
    title="会员",
    unit="人",
    definition="会籍在册或保留的会员",
    source="工会统计调查制度",
    list_name="desk_members",
    dimensions=DIMENSIONS,
)
def memberships(where: Any) -> Any:
    rows = Membership.objects.visible_to(where.access, to=FIGURES).filter(
        where.q("organisation", copied=True)
    )
    return rows.as_of(where.day)


subset(
    "members.women",
    of="members.count",
    title="女会员",
    definition="性别登记为女的会员",
    source="工会统计调查制度",
    when=lambda where: Q(person__sex=Sex.FEMALE.value),
    list_query={"sex": Sex.FEMALE.value},
)
subset(
    "members.migrant",
    of="members.count",
    title="农民工会员",
    definition="登记为农民工的会员",
    source="工会统计调查制度",
    when=lambda where: Q(person__migrant_worker=True),
    list_query={"migrant": "1"},
)
subset(
    "members.new_form",
    of="members.count",
    title="新就业形态会员",
    definition="当日用工形式为平台用工的会员",
    when=lambda where: Q(work__form=PLATFORM),
    prepare=_with_employment,
    list_query={"new_form": "1"},
)
subset(
    "members.retained",
    of="members.count",
    title="保留会籍",
    definition="会籍处于保留状态的会员",
    when=lambda where: Q(standing=Membership.Standing.RETAINED),
    list_query={"standing": "retained"},
)
