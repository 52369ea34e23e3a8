"""Reading households: who else is in a person's, and by which key money is counted.

Somebody is found by the register's person and by the document alike: a spouse who joins the union later is known
at once.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection

from .models import Household, HouseholdMember

_WHY = "who shares a household decides on conflicts of interest and on double funding, whoever asks"

# Of each asked person: the household of today, through the register or through the document.
_HOMES = """
WITH homes AS (
    SELECT p.id, m.household_id FROM members_person p
    JOIN members_householdmember m ON m.person_id = p.id AND upper_inf(m.period)
    WHERE p.id = ANY(%(people)s)
    UNION
    SELECT p.id, m.household_id FROM members_person p
    JOIN members_householdmember m ON m.id_index = p.id_index AND upper_inf(m.period)
    WHERE p.id = ANY(%(people)s)
)
"""
_TOGETHER = """
SELECT h.id, COALESCE(m.person_id, p.id) FROM homes h
JOIN members_householdmember m ON m.household_id = h.household_id AND upper_inf(m.period)
LEFT JOIN members_person p ON m.person_id IS NULL AND p.id_index = m.id_index
WHERE COALESCE(m.person_id, p.id) IS NOT NULL
"""
_KEYS = """
SELECT h.id, min(home.key) FROM homes h JOIN members_household home ON home.id = h.household_id GROUP BY h.id
"""


def of(person_id: int) -> set[int]:
    """The people of the register who share a household with this one today, himself included. One statement."""
    return of_many([person_id])[person_id]


def of_many(people: Iterable[int]) -> dict[int, set[int]]:
    """The same for many, in one statement: each asked person → his household's people, himself included."""
    asked = list(dict.fromkeys(people))
    found: dict[int, set[int]] = defaultdict(set, {person: {person} for person in asked})
    for person, other in _rows(_HOMES + _TOGETHER, asked):
        found[person].add(other)
    return dict(found)


def key_of(person_id: int) -> str:
    """The key of a person's household; "" for one of whom no household is written down."""
    return keys_of([person_id]).get(person_id, "")


def keys_of(people: Iterable[int]) -> dict[int, str]:
    """Keys of those who have a household, in one statement."""
    return dict(_rows(_HOMES + _KEYS, list(people)))


def _rows(sql: str, people: list[int]) -> list[tuple[int, Any]]:
    if not people:
        return []
    with connection.cursor() as cursor:
        cursor.execute(sql, {"people": people})
        return [tuple(row) for row in cursor.fetchall()]


def home_of(person_id: int) -> Household | None:
    """The household of today, or None."""
    return Household.objects.everywhere(reason=_WHY).filter(key=key_of(person_id)).first()


def lock(key: str) -> Household:
    """The household's row, locked until the transaction ends: whoever funds one household waits for the other.

    Raises Household.DoesNotExist.
    """
    return Household.objects.everywhere(reason=_WHY).select_for_update().get(key=key)


def members_of(household: Household) -> list[HouseholdMember]:
    """Its people of today, the first one first."""
    rows = HouseholdMember.objects.everywhere(reason=_WHY).current()
    return list(rows.filter(household=household).order_by("relation", "pk"))
