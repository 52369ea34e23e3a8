"""What medical mutual aid knows about a person."""

from datetime import date
from typing import Any

from django.db.models import Case, DecimalField, OuterRef, Q, Subquery, Sum, Value, When

from unionhall.rulebook.comparators import Bounds, Flag
from unionhall.rulebook.conditions import condition
from unionhall.rulebook.facts import Fact, register
from unionhall.rulebook.register import flag

from ..models import MedicalCover, SettlementLine


def _enrolled(on: date) -> Any:
    rows = MedicalCover.objects.everywhere(reason="a fact of everyone; pages narrow what they show")
    return flag(Q(pk__in=rows.filter(period__contains=on).values("person_id")))(on)


def _paid(on: date) -> Any:
    """Summed for those only who had a settlement in the year: few of the many."""
    rows = SettlementLine.objects.everywhere(reason="a fact of everyone; pages narrow what they show")
    lines = rows.counted().filter(outcome="granted", settled_on__year=on.year)
    of_one = lines.filter(person=OuterRef("pk")).order_by().values("person").annotate(total=Sum("amount"))
    money = DecimalField(max_digits=14, decimal_places=2)
    return Case(
        When(Q(pk__in=lines.values("person_id")), then=Subquery(of_one.values("total"), output_field=money)),
        default=Value(0, output_field=money),
        output_field=money,
    )


register(
    Fact(
        "benefits.medical_paid", "今年的医疗互助金", "money", _paid, unit="元", permission="benefits.medical"
    ),
    Fact(
        "benefits.medical_enrolled",
        "参加医疗互助",
        "flag",
        _enrolled,
        words={"true": "在医疗互助的保障期内", "false": "没有参加医疗互助，或保障期已过"},
        permission="benefits.medical",
    ),
)
condition("medical_paid", fact="benefits.medical_paid", takes=Bounds, words="今年已理赔的医疗互助金（元）")
condition("medical_enrolled", fact="benefits.medical_enrolled", takes=Flag, words="在保障期内参加了医疗互助")
