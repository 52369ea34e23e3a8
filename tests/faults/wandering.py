"""One of eight desks that write at once: random verbs on shared people and unions, refusals taken as they come."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.utils import timezone

from unionhall.access.grants import actor_for
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.members import actions
from unionhall.members.models import Membership, Person
from unionhall.organisations import actions as tree
from unionhall.organisations.models import Organisation
from unionhall.organising.actions import transfers
from unionhall.organising.actions.reorganising import merge_unions
from unionhall.organising.models import MembershipTransfer
from unionhall.reviews.actions import approve
from unionhall.reviews.models import ReviewStep
from unionhall.reviews.planning import deciders

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
        # Seeds of the same ten meet on the same people; those of other tests are not worn out by them.
        first = seed // 10 * SHARED
        self.people = list(people.values_list("pk", flat=True)[first : first + SHARED])

    def go(self, acts: int) -> dict[str, int]:
        verbs: list[tuple[Callable[[], object], int]] = [
            (self.admit, 4), (self.move, 6), (self.retain, 9), (self.end, 2), (self.edit, 5), (self.move_union, 2),
            (self.fold, 2), (self.transfer, 4), (self.decide, 8), (self.establish, 1), (self.merge_unions, 2),
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
        # Today mostly: a day before the membership's own is refused, and then nobody would be retained at all.
        verb(
            self.actor,
            membership=one,
            on=self.chance.choice((self.today, self.today, self.day())),
            reason=WHY,
        )

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

    def transfer(self) -> None:
        """Start a transfer; whoever meets it in `decide` carries it on."""
        one = self.membership()
        begun = transfers.request_transfer(
            self.actor, membership=one, destination=self.chance.choice(self.unions), reason="换了工作单位"
        )
        transfers.attest_agreement(self.actor, transfer=begun, note="本人到场签字同意")

    def decide(self) -> None:
        """Pass the current step of some open transfer, as somebody whose turn it is."""
        open_ones = MembershipTransfer.objects.everywhere(reason=WHY).filter(review__state="pending")
        waiting = ReviewStep.objects.everywhere(reason=WHY).filter(
            is_current=True, review__in=open_ones.values("review")
        )
        step = waiting.select_related("organisation", "review").order_by("?").first()
        if step is None:
            raise Refused("没有等待的转接")
        grant = deciders(step.organisation_id, step.role).select_related("account").first()
        assert grant is not None
        approve(actor_for(grant.account), step=step)

    def establish(self) -> None:
        street = self.chance.choice(self.streets)
        tree.establish(
            self.actor,
            name=f"并入{self.chance.randrange(10**9)}有限公司工会委员会",
            kind="grassroots",
            level=street.level + 1,
            parent=street,
            division=street.division,
            on=self.today,
        )

    def merge_unions(self) -> None:
        """One of the unions made for it, with whoever was moved there meanwhile."""
        made = Organisation.objects.everywhere(reason=WHY).active().filter(name__startswith="并入")
        found = made.order_by("?").first()
        if found is None:
            raise Refused("没有要合并的工会")
        for one in Membership.objects.everywhere(reason=WHY).current().filter(person__in=self.people)[:1]:
            with suppress(Refused):
                actions.move(self.actor, membership=one, destination=found, on=self.today)
        merge_unions(
            self.actor,
            organisation=found,
            into=self.chance.choice(self.unions),
            on=self.today,
            document="鄂工〔2026〕1号",
        )

    def fold(self) -> None:
        from unionhall.insights import rollups

        rollups.fold()
