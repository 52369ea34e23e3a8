"""What certificates tell of a person: the highest level, and when it was issued."""

from django.db.models import F, FilteredRelation, Q

from unionhall.kit import codes
from unionhall.rulebook.comparators import Choice, Days
from unionhall.rulebook.conditions import condition
from unionhall.rulebook.facts import Fact, register
from unionhall.rulebook.population import relation

relation("certificate", lambda on: FilteredRelation("certificates", condition=Q(certificates__is_best=True)))
register(
    Fact(
        "benefits.certificate_level",
        "技能证书等级",
        "code",
        lambda on: F("certificate__level"),
        words=dict(codes.SkillLevel.choices()),
        unknown="证书查询库里没有您的技能证书",
    ),
    Fact(
        "benefits.certificate_day",
        "发证日期",
        "day",
        lambda on: F("certificate__issued_on"),
        unknown="证书查询库里没有您的技能证书",
    ),
)
condition(
    "certificate_level",
    fact="benefits.certificate_level",
    takes=Choice,
    words="技能证书等级：1 高级技师，2 技师，3 高级工，4 中级工，5 初级工",
)
condition("certificate_day", fact="benefits.certificate_day", takes=Days, words="最高等级证书的发证日期")
