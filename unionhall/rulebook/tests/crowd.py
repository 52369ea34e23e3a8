"""Random people for property tests: every fact of the register takes its values here, the unknown among them."""

import random
from datetime import date, timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from tests.world import World
from unionhall.members.models import Card, Employment, Membership, Person


def make(world: World, count: int, seed: int = 7) -> list[int]:
    """Write people straight into the tables; answers their ids."""
    chance = random.Random(seed)
    today = timezone.localdate()
    births = [
        None,
        *(_years_ago(today, years, days) for years in (0, 15, 16, 18, 59, 60, 61) for days in (-1, 0, 1)),
    ]
    births += [date(2004, 2, 29), date(1964, 2, 29), today + timedelta(days=3)]
    people = Person.objects.bulk_create(
        Person(
            name="测试",
            initials="cs",
            sex=chance.choice("01299"),
            birth=chance.choice(births),
            id_number=f"crowd{number}",
            id_index=f"crowd{number:011d}".encode(),
            skill=chance.choice(["", "1", "2", "5"]),
            migrant_worker=chance.random() < 0.4,
        )
        for number in range(count)
    )
    unions = [world.unions[name] for name in ("alpha", "beta", "gamma", "delta")]
    held, worked, cards = [], [], []
    for person in people:
        start = today - timedelta(days=chance.randrange(900))
        end = chance.choice([None, None, None, today - timedelta(days=1), today])
        if chance.random() < 0.8 and (end is None or end > start):
            union = chance.choice(unions)
            standing = chance.choice(["active", "active", "retained"])
            held.append(
                Membership(
                    person=person,
                    organisation=union,
                    path=union.path,
                    second_path=union.second_path,
                    period=DateRange(start, end),
                    standing=standing,
                    joined_on=start,
                    entry="intake",
                    name=person.name,
                    initials=person.initials,
                )
            )
        if chance.random() < 0.7:
            employer = chance.choice([None, *world.employers.values()])
            worked.append(
                Employment(
                    person=person,
                    employer=employer,
                    status=chance.choice("1345"),
                    form=chance.choice("125"),
                    period=DateRange(start, chance.choice([None, None, today + timedelta(days=1)])),
                )
            )
        for serial in range(chance.choice([0, 1, 1, 2])):
            status = "revoked" if serial else chance.choice(["active", "suspended", "revoked"])
            number = f"C{person.pk:012d}{serial}"
            cards.append(Card(person=person, number=number, status=status, issued_on=start))
    Membership.objects.bulk_create(held)
    Employment.objects.bulk_create(worked)
    Card.objects.bulk_create(cards)
    return [person.pk for person in people]


def _years_ago(today: date, years: int, days: int) -> date:
    year = today.year - years
    day = 28 if (today.month, today.day) == (2, 29) else today.day
    return date(year, today.month, day) + timedelta(days=days)
