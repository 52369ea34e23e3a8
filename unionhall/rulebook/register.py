"""The facts and conditions that stand on the register alone: person, membership and union, employment, card."""

from datetime import date, timedelta
from typing import Any

from django.db.models import BooleanField, Case, CharField, F, Func, IntegerField, Q, Value, When
from django.db.models.functions import NullIf

from unionhall.kit import codes
from unionhall.members.models import Card, Membership

from .comparators import Bounds, Choice, Flag, Within
from .conditions import condition
from .facts import Expression, Fact, register, since

_RETIRED = (codes.EmploymentStatus.RETIRED, codes.EmploymentStatus.RETIRED_VETERAN)
_SEXES = (codes.Sex.MALE, codes.Sex.FEMALE)


def flag(met: Q, unknown: Q | None = None) -> Expression:
    """A flag: what the register does not hold is not so, except where `unknown` says that nobody knows."""
    cases = [When(met, then=Value(True))]
    if unknown is not None:
        cases.insert(0, When(unknown, then=Value(None)))
    case = Case(*cases, default=Value(False), output_field=BooleanField())
    return lambda on: case


def code(path: str) -> Expression:
    """A code; an empty one is not known."""
    return lambda on: NullIf(F(path), Value(""), output_field=CharField())


def _sex(on: date) -> Any:
    return Case(When(sex__in=_SEXES, then=F("sex")), output_field=CharField())


def _birthday_in_days(on: date) -> Any:
    """Days to the next birthday, 0 on the day itself; of 29 February on 28 February and 1 March."""
    return Func(
        F("birth"),
        template=(
            "GREATEST(0, (%(expressions)s + make_interval(years => "
            "date_part('year', age('%(eve)s'::timestamp, %(expressions)s::timestamp))::int + 1))::date"
            " - '%(on)s'::date)"
        ),
        eve=(on - timedelta(days=1)).isoformat(),
        on=on.isoformat(),
        output_field=IntegerField(),
    )


register(
    since("person.age", "年龄", "birth", "years", unit="岁", unknown="没有登记出生日期"),
    Fact("person.sex", "性别", "code", _sex, words={one.value: one.label for one in _SEXES}),
    Fact("person.skill", "技能等级", "code", code("skill"), words=dict(codes.SkillLevel.choices())),
    Fact(
        "person.migrant_worker",
        "农民工",
        "flag",
        lambda on: F("migrant_worker"),
        words={"true": "登记为农民工", "false": "没有登记为农民工"},
    ),
    Fact(
        "person.birthday_in_days",
        "距生日",
        "number",
        _birthday_in_days,
        unit="天",
        unknown="没有登记出生日期",
    ),
    Fact(
        "membership.member",
        "会籍",
        "flag",
        flag(Q(membership__isnull=False)),
        words={"true": "是工会会员", "false": "不是工会会员"},
    ),
    Fact(
        "membership.standing",
        "会籍状态",
        "code",
        code("membership__standing"),
        words=dict(Membership.Standing.choices),
        unknown="没有会籍",
    ),
    since("membership.months", "会龄", "membership__joined_on", "months", unknown="没有会籍"),
    Fact(
        "membership.division",
        "所在工会的地区",
        "code",
        code("membership__organisation__division"),
        unknown="没有会籍",
    ),
    Fact(
        "employment.status",
        "就业状况",
        "code",
        code("employment__status"),
        words=dict(codes.EmploymentStatus.choices()),
    ),
    Fact(
        "employment.form",
        "用工形式",
        "code",
        code("employment__form"),
        words=dict(codes.EmploymentForm.choices()),
    ),
    Fact(
        "employment.retired",
        "退休",
        "flag",
        flag(Q(employment__status__in=_RETIRED), unknown=Q(employment__isnull=True)),
        words={"true": "已退休", "false": "没有退休"},
        unknown="没有登记就业状况",
    ),
    Fact(
        "employment.industry",
        "单位所属行业",
        "code",
        code("employment__employer__industry"),
        words=dict(codes.INDUSTRY.choices()),
    ),
    Fact(
        "card.active",
        "会员卡",
        "flag",
        flag(Q(card__status=Card.Status.ACTIVE)),
        words={"true": "会员卡有效", "false": "没有有效的会员卡"},
    ),
    since("card.days", "持卡时间", "card__issued_on", "days", unknown="没有会员卡"),
)

condition("age", fact="person.age", takes=Bounds, words="周岁")
condition("sex", fact="person.sex", takes=Choice, words="性别：1 男，2 女")
condition("skill", fact="person.skill", takes=Choice, words="登记的技能等级：1 高级技师 至 5 初级工")
condition("migrant_worker", fact="person.migrant_worker", takes=Flag, words="登记为农民工")
condition("birthday_within", fact="person.birthday_in_days", takes=Bounds, words="距下一个生日的天数")
condition("member", fact="membership.member", takes=Flag, words="是会员")
condition(
    "standing", fact="membership.standing", takes=Choice, words="会籍状态：active 在册，retained 保留会籍"
)
condition("membership_months", fact="membership.months", takes=Bounds, words="入会满多少个月")
condition("division", fact="membership.division", takes=Within, words="所在工会的行政区划代码以此开头")
condition("employment_status", fact="employment.status", takes=Choice, words="就业状况代码")
condition("employment_form", fact="employment.form", takes=Choice, words="用工形式代码")
condition("retired", fact="employment.retired", takes=Flag, words="已退休或离休")
condition("industry", fact="employment.industry", takes=Choice, words="用人单位的行业门类 A 至 T")
condition("card", fact="card.active", takes=Flag, words="有有效的会员卡")
condition("card_days", fact="card.days", takes=Bounds, words="持卡满多少天")
