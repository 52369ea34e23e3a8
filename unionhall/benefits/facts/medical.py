"""What medical mutual aid knows about a person."""

from datetime import date
from typing import Any

from django.db.models import Q

from unionhall.rulebook.comparators import Flag
from unionhall.rulebook.conditions import condition
from unionhall.rulebook.facts import Fact, register
from unionhall.rulebook.register import flag

from ..models import MedicalCover


def _enrolled(on: date) -> Any:
    rows = MedicalCover.objects.everywhere(reason="a fact of everyone; pages narrow what they show")
    return flag(Q(pk__in=rows.filter(period__contains=on).values("person_id")))(on)


register(
    Fact(
        "benefits.medical_enrolled",
        "参加医疗互助",
        "flag",
        _enrolled,
        words={"true": "在医疗互助的保障期内", "false": "没有参加医疗互助，或保障期已过"},
    )
)
condition("medical_enrolled", fact="benefits.medical_enrolled", takes=Flag, words="在保障期内参加了医疗互助")
