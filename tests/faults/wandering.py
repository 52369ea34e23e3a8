"""One of eight desks that write at once: random verbs on shared people and unions, refusals taken as they come."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.members import actions
from unionhall.members.models import Membership, Person
from unionhall.organisations import actions as tree
from unionhall.organisations.models import Organisation

WHY = "faults"
#: So few people that the desks meet each other all the time.
SHARED = 30


class Wanderer:
    """Counts what was done (`admit`, `move` …), what was refused in words, and nothing else may happen."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.actor = system_actor()
        self.today = timezone.localdate()
        self.done: dict[str, int] = {}
        unions = Organisation.objects.everywhere(reason=WHY).active()
        self.unions = list(unions.filter(kind="grassroots").order_by("pk"))
        self.streets = list(unions.filter(kind="street").order_by("pk"))
        people = Person.objects.everywhere(reason=WHY).order_by("pk")
        self.people = list(people.values_list("pk", flat=True)[:SHARED])

    def go(self, acts: int) -> dict[str, int]:
        verbs: list[tuple[Callable[[], object], int]] = [
            (self.admit, 4), (self.move, 6), (self.retain, 3), (self.end, 2), (self.edit, 5), (self.move_union, 2),
            (self.fold, 2),
        ]  # fmt: skip
        for _ in range(acts):
            (verb,) = self.chance.choices([one for one, _ in verbs], [weight for _, weight in verbs])
            try:
                verb()
            except (Refused, NotAllowed):  # who has left meanwhile stands under no union
                self.count("refused")
            else:
                self.count(verb.__name__)
        return self.done

    def count(self, what: str) -> None:
        self.done[what] = self.done.get(what, 0) + 1

    def person(self) -> Person:
        return Person.objects.everywhere(reason=WHY).get(pk=self.chance.choice(self.people))

    def membership(self) -> Membership:
        rows = (
            Membership.objects.everywhere(reason=WHY).current().filter(person=self.chance.choice(self.people))
        )
        found = rows.select_related("organisation", "person").first()
        if found is None:
            raise Refused("已不是会员")
        return found

    def day(self) -> Any:
        return self.today - timedelta(days=self.chance.randrange(20))

    def admit(self) -> None:
        actions.admit(
            self.actor, person=self.person(), organisation=self.chance.choice(self.unions), on=self.day()
        )

    def move(self) -> None:
        actions.move(
            self.actor,
            membership=self.membership(),
            destination=self.chance.choice(self.unions),
            on=self.day(),
        )

    def retain(self) -> None:
        one = self.membership()
        verb = actions.resume if one.standing == "retained" else actions.retain
        verb(self.actor, membership=one, on=self.day(), reason=WHY)

    def end(self) -> None:
        actions.end(self.actor, membership=self.membership(), on=self.day(), exit="withdrawal", reason=WHY)

    def edit(self) -> None:
        actions.edit_person(
            self.actor,
            person=self.membership().person,
            reason=WHY,
            education=self.chance.choice(("20", "60")),
            migrant_worker=self.chance.random() < 0.5,
        )

    def move_union(self) -> None:
        tree.move(
            self.actor,
            organisation=self.chance.choice(self.unions),
            parent=self.chance.choice(self.streets),
            on=self.today,
        )

    def fold(self) -> None:
        from unionhall.insights import rollups

        rollups.fold()
