"""What cover tells of a person: whether a gifted or bought cover is in force."""

from datetime import date
from typing import Any

from django.db.models import Q

from unionhall.rulebook.comparators import Flag
from unionhall.rulebook.conditions import condition
from unionhall.rulebook.facts import Fact, register
from unionhall.rulebook.register import flag

from ..models import CoverEnrolment


def _covered(on: date) -> Any:
    rows = CoverEnrolment.objects.everywhere(reason="a fact is judged for everyone").in_force(on)
    return flag(Q(pk__in=rows.values("person_id")))(on)


register(
    Fact(
        "benefits.covered",
        "保险保障",
        "flag",
        _covered,
        words={"true": "有生效的保险保障", "false": "没有生效的保险保障"},
        permission="benefits.cover",
    )
)
condition("covered", fact="benefits.covered", takes=Flag, words="有生效的保险保障")
