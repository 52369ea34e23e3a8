"""What certificates tell of a person: the highest level, when it was issued, whether one would be granted today."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import BooleanField, Case, Exists, F, FilteredRelation, OuterRef, Q, Value, When

from unionhall.kit import codes
from unionhall.rulebook.book import book
from unionhall.rulebook.comparators import Choice, Days, Flag, any_of
from unionhall.rulebook.conditions import condition
from unionhall.rulebook.facts import Fact, register
from unionhall.rulebook.population import relation
from unionhall.rulebook.programmes import code_of

from ..certificates import OF_CONTESTS
from ..models import CareerApplication, Certificate
from ..rules.subsidy import first_day
from ..schemes.subsidy import CareerCatalogue, CareerScheme

_WHY = "a fact is judged for everyone"
_UNKNOWN = "证书查询库里没有您的技能证书"

relation("certificate", lambda on: FilteredRelation("certificates", condition=Q(certificates__is_best=True)))


def _to_bring(on: date) -> Any:
    """Whether one of a member's certificates would be granted: the rule `subsidy.grant` for everyone.

    Asked are the versions in force where he is a member; a draft's own table and months are not.
    """
    known, programmes = book(), (code_of(CareerScheme), code_of(CareerCatalogue))
    areas = {one.jurisdiction for code in programmes for one in known.versions.get(code, ())}
    cases = [When(certificate__isnull=True, then=Value(None))]
    for area in sorted(areas, key=len, reverse=True):
        here = Q(membership__organisation__division__startswith=area)
        version = known.pick(code_of(CareerScheme), on, area)
        granted = None if version is None else _granted(version.parameters, area, on)
        if granted is not None:
            cases.append(When(here & Q(Exists(_held().filter(granted))), then=Value(True)))
        cases.append(When(here, then=Value(False)))
    return Case(*cases, default=Value(False), output_field=BooleanField())


def _held() -> Any:
    """A person's certificates whose occupation and level he has not brought yet."""
    brought = (
        CareerApplication.objects.everywhere(reason=_WHY)
        .open()
        .filter(person=OuterRef("person"), occupation=OuterRef("occupation"), level=OuterRef("level"))
    )
    rows = Certificate.objects.everywhere(reason=_WHY).filter(person=OuterRef("pk"), holder=F("person__name"))
    return rows.exclude(Exists(brought))


def _granted(scheme: CareerScheme, area: str, on: date) -> Q | None:
    """Certificates in the table, in time and in the catalogue of their day of issue; None when none could be."""
    times = list(_catalogues(area, first_day(on, scheme.apply_within_months), on))
    if not times:
        return None
    contest = Q(number__startswith=OF_CONTESTS)
    listed = (
        Q(issued_on__range=(first, last))
        & (~contest & Q(occupation__in=one.occupations) | contest & Q(occupation__in=one.uncertified))
        for first, last, one in times
    )
    return Q(level__in=[row.value for row in scheme.amount.rows]) & any_of(listed)


def _catalogues(area: str, first: date, last: date) -> Iterator[tuple[date, date, CareerCatalogue]]:
    """The catalogues of a place between two days, each with the first and the last day of its time."""
    code = code_of(CareerCatalogue)
    bounds = {
        day for one in book().versions.get(code, ()) for day in (one.starts, one.ends) if day is not None
    }
    begins = [first, *sorted(day for day in bounds if first < day <= last)]
    ends = [*(day - timedelta(days=1) for day in begins[1:]), last]
    for begin, end in zip(begins, ends, strict=True):
        if (version := book().pick(code, begin, area)) is not None:
            yield begin, end, version.parameters


register(
    Fact(
        "benefits.certificate_level",
        "技能证书等级",
        "code",
        lambda on: F("certificate__level"),
        words=dict(codes.SkillLevel.choices()),
        unknown=_UNKNOWN,
        permission="benefits.subsidy",
    ),
    Fact(
        "benefits.certificate_day",
        "发证日期",
        "day",
        lambda on: F("certificate__issued_on"),
        unknown=_UNKNOWN,
        permission="benefits.subsidy",
    ),
    Fact(
        "benefits.certificate_to_bring",
        "可以申请的技能证书",
        "flag",
        _to_bring,
        words={
            "true": "有可以申请的技能证书（在发证当年的目录里，没过申请期限，同一职业同一等级没有申请过）",
            "false": "没有可以申请的技能证书：不在发证当年的目录里、过了申请期限，或者同一职业同一等级已经申请过",
        },
        unknown=_UNKNOWN,
        permission="benefits.subsidy",
    ),
)
condition(
    "certificate_level",
    fact="benefits.certificate_level",
    takes=Choice,
    words="技能证书等级：1 高级技师，2 技师，3 高级工，4 中级工，5 初级工",
)
condition("certificate_day", fact="benefits.certificate_day", takes=Days, words="最高等级证书的发证日期")
condition(
    "certificate_to_bring",
    fact="benefits.certificate_to_bring",
    takes=Flag,
    words="有一本证书今天申请就能补贴：等级在表里，在发证当年的目录里，没过期限，没有申请过",
)
