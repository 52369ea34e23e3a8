"""History: after any sequence of verbs, the tree of any past day equals a naive replay of what was done."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from unionhall.foundation.actors import system_actor
from unionhall.foundation.errors import Refused
from unionhall.members.models import Membership, Person
from unionhall.organisations import actions
from unionhall.organisations.kinds import Chain, Status
from unionhall.organisations.models import Naming, Organisation, Placement
from unionhall.organisations.subtrees import Subtree

pytestmark = pytest.mark.django_db
WHY = "an oracle compares whole tables"
FIRST = date(2024, 1, 1)
ACTOR = system_actor("试验")


@dataclass
class Event:
    """What happened on a day, in the order in which it was done."""

    on: date
    verb: str
    who: int
    parent: int | None = None
    name: str = ""
    chain: str = "region"


@dataclass
class Oracle:
    """Remembers events; asked for a day, replays those up to it in order of day, then of doing."""

    events: list[Event] = field(default_factory=list)

    def on(self, day: date) -> dict[int, tuple[int | None, int | None, str]]:
        """id → (regional parent, industry parent, name) of the unions that exist on the day."""
        found: dict[int, list[Any]] = {}
        for event in sorted(self.events, key=lambda one: one.on):
            if event.on > day:
                continue
            if event.verb == "establish":
                found[event.who] = [event.parent, None, event.name]
            elif event.verb == "rename":
                found[event.who][2] = event.name
            elif event.verb == "move":
                found[event.who][0 if event.chain == "region" else 1] = event.parent
            elif event.verb == "end":
                del found[event.who]
        return {pk: (row[0], row[1], row[2]) for pk, row in found.items()}


def stored(day: date) -> dict[int, tuple[int | None, int | None, str]]:
    """The same, as the tables say."""
    rows = Organisation.objects.everywhere(reason=WHY).existing_on(day)
    placed = Placement.objects.everywhere(reason=WHY).filter(period__contains=day)
    region = {row.organisation_id: row.parent_id for row in placed if row.chain == Chain.REGION}
    industry = {row.organisation_id: row.parent_id for row in placed if row.chain == Chain.INDUSTRY}
    named = Naming.objects.everywhere(reason=WHY).filter(period__contains=day)
    names = dict(named.values_list("organisation_id", "name"))
    return {pk: (region[pk], industry.get(pk), names[pk]) for pk in rows.values_list("pk", flat=True)}


def subtree_of(tree: dict[int, tuple[int | None, int | None, str]], top: int) -> set[int]:
    found = {top}
    while True:
        more = {pk for pk, row in tree.items() if row[0] in found} - found
        if not more:
            return found
        found |= more


VERBS = st.lists(
    st.tuples(
        st.sampled_from(
            ["establish", "branch", "move", "industry", "leave", "rename", "merge", "split", "dissolve"]
        ),
        st.integers(0, 30),
        st.integers(0, 30),
        st.sampled_from([0, 0, 1, 4, 9]),
    ),
    min_size=6,
    max_size=14,
)


class Scene:
    """A province with two cities and two industry unions, and grassroots unions that things happen to."""

    def __init__(self) -> None:
        self.oracle = Oracle()
        self.day = FIRST
        self.serial = 0
        self.members: dict[int, int] = {}
        self.province = self.establish(None, "federation", 1)
        self.hosts = [self.establish(self.province, "federation", 2) for _ in range(2)]
        self.industries = [self.establish(self.province, "industry", 1) for _ in range(2)]
        self.unions: list[Organisation] = []
        self.branches: list[Organisation] = []
        for number in range(2):
            self.do_establish(number, number, FIRST)
        for number in range(2):
            self.do_branch(number, number, FIRST)

    def establish(
        self, parent: Organisation | None, kind: str, level: int, on: date | None = None
    ) -> Organisation:
        self.serial += 1
        on = on or self.day
        union = actions.establish(
            ACTOR,
            name=f"第{self.serial}工会",
            kind=kind,
            level=level,
            parent=parent,
            division="420100",
            on=on,
        )
        self.oracle.events.append(Event(on, "establish", union.pk, parent.pk if parent else None, union.name))
        if union.second_path and parent is not None:
            self.oracle.events.append(Event(on, "move", union.pk, parent.pk, chain="industry"))
        return union

    def do(self, verb: str, one: int, two: int, back: int) -> None:
        """One step; a refusal leaves everything as it was (that is asserted by the comparison that follows)."""
        self.day += timedelta(days=1)
        on = self.day - timedelta(days=back)
        before = len(self.oracle.events)
        try:
            with transaction.atomic():
                getattr(self, f"do_{verb}")(one, two, on)
        except Refused:
            del self.oracle.events[before:]

    def do_establish(self, one: int, two: int, on: date) -> None:
        union = self.establish(self.hosts[one % 2], "grassroots", 5, on)
        self.unions.append(union)
        self._member(union, on)

    def do_branch(self, one: int, two: int, on: date) -> None:
        if self.unions:
            branch = self.establish(self._union(one), "branch", 6, on)
            self.branches.append(branch)
            self._member(branch, on)

    def do_move(self, one: int, two: int, on: date) -> None:
        movable: list[tuple[Organisation, Organisation]] = []
        movable += [(union, self.hosts[two % 2]) for union in self.unions]
        movable += [(branch, self._union(two)) for branch in self.branches]
        movable += [(self.industries[one % 2], self.hosts[two % 2])] if two % 7 == 0 else []
        if not movable:
            return
        union, parent = movable[one % len(movable)]
        union.refresh_from_db()
        had, gets = bool(union.second_path), bool(self._fresh(parent).second_path)
        actions.move(ACTOR, organisation=union, parent=parent, on=on)
        self.oracle.events.append(Event(on, "move", union.pk, parent.pk))
        if union in self.branches and (had or gets):
            self.oracle.events.append(
                Event(on, "move", union.pk, parent.pk if gets else None, chain="industry")
            )

    def do_industry(self, one: int, two: int, on: date) -> None:
        if not self.unions:
            return
        union, parent = self._union(one), self.industries[two % 2]
        actions.move(ACTOR, organisation=union, parent=parent, on=on, chain="industry")
        self.oracle.events.append(Event(on, "move", union.pk, parent.pk, chain="industry"))
        self._branches_follow(union, on, True)

    def do_leave(self, one: int, two: int, on: date) -> None:
        if not self.unions:
            return
        union = self._union(one)
        actions.move(ACTOR, organisation=union, parent=None, on=on, chain="industry")
        self.oracle.events.append(Event(on, "move", union.pk, None, chain="industry"))
        self._branches_follow(union, on, False)

    def _branches_follow(self, union: Organisation, on: date, inside: bool) -> None:
        for branch in self.branches:
            branch.refresh_from_db()
            if branch.parent_id == union.pk and branch.status == Status.ACTIVE:
                self.oracle.events.append(
                    Event(on, "move", branch.pk, union.pk if inside else None, chain="industry")
                )

    def do_rename(self, one: int, two: int, on: date) -> None:
        if not self.unions:
            return
        self.serial += 1
        union = self._union(one)
        actions.rename(ACTOR, organisation=union, name=f"改名第{self.serial}工会", on=on)
        self.oracle.events.append(Event(on, "rename", union.pk, name=f"改名第{self.serial}工会"))

    def do_merge(self, one: int, two: int, on: date) -> None:
        if len(self.unions) < 2:
            return
        union, into = self._union(one), self._union(two)
        into = self._fresh(into)
        children = [branch for branch in self.branches if self._fresh(branch).parent_id == union.pk]
        had = {branch.pk: bool(self._fresh(branch).second_path) for branch in children}
        actions.merge(ACTOR, organisation=union, into=into, on=on, document="试验1号")
        for branch in children:
            if self._fresh(branch).status != Status.ACTIVE:
                continue
            self.oracle.events.append(Event(on, "move", branch.pk, into.pk))
            if had[branch.pk] or into.second_path:
                self.oracle.events.append(
                    Event(on, "move", branch.pk, into.pk if into.second_path else None, chain="industry")
                )
        self.oracle.events.append(Event(on, "end", union.pk))

    def do_split(self, one: int, two: int, on: date) -> None:
        if not self.unions:
            return
        union = self._union(one)
        self.serial += 1
        part = actions.split_off(
            ACTOR, organisation=union, name=f"分出第{self.serial}工会", on=on, document="2号"
        )
        self.oracle.events.append(Event(on, "establish", part.pk, part.parent_id, part.name))
        if part.industry_parent_id:
            self.oracle.events.append(Event(on, "move", part.pk, part.industry_parent_id, chain="industry"))
        self.unions.append(part)

    def do_dissolve(self, one: int, two: int, on: date) -> None:
        pool = [*self.unions, *self.branches]
        if pool:
            union = pool[one % len(pool)]
            actions.dissolve(ACTOR, organisation=union, on=on, reason="试验")
            self.oracle.events.append(Event(on, "end", union.pk))

    def _union(self, number: int) -> Organisation:
        return self.unions[number % len(self.unions)]

    def _fresh(self, union: Organisation) -> Organisation:
        return Organisation.objects.everywhere(reason=WHY).get(pk=union.pk)

    def _member(self, union: Organisation, on: date) -> None:
        """A membership that copies the paths, so that followers are seen to follow."""
        number = len(self.members) + 1
        person = Person.objects.create(
            name="试验", id_type="01", id_number=f"x{union.pk}", id_index=f"{union.pk:016d}".encode()
        )
        Membership.objects.create(
            person=person, organisation=union, path=union.path, second_path=union.second_path,
            name=person.name, period=(on, None), joined_on=on, entry="intake",
        )  # fmt: skip
        self.members[union.pk] = number


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@example(
    steps=[
        *[("branch", 0, 0, 0)] * 3,
        ("dissolve", 2, 0, 4),  # on the day on which it was founded
        ("establish", 0, 0, 0),
        ("industry", 0, 0, 0),
    ]
)
@example(
    steps=[
        ("branch", 0, 0, 0),
        ("industry", 0, 0, 0),
        ("leave", 0, 0, 0),
        ("dissolve", 4, 0, 3),  # a branch, before its union entered the chain that it has left since
        ("leave", 0, 0, 0),
        ("industry", 0, 1, 4),  # into a chain again, before the time in the other one
    ]
)
@given(steps=VERBS)
def test_any_past_day_equals_a_replay(steps: list[tuple[str, int, int, int]]) -> None:
    with transaction.atomic():
        scene = Scene()
        for verb, one, two, back in steps:
            scene.do(verb, one, two, back)
            now = {pk: row for pk, row in stored(scene.day).items() if pk in _known(scene)}
            assert now == scene.oracle.on(scene.day), (verb, one, two, back)
        day = FIRST
        while day <= scene.day:
            tree = scene.oracle.on(day)
            assert {pk: row for pk, row in stored(day).items() if pk in _known(scene)} == tree, day
            top = scene.hosts[0]
            expected = subtree_of(tree, top.pk) if top.pk in tree else set()
            rows = Organisation.objects.everywhere(reason=WHY).filter(Subtree(top, day).q())
            assert set(rows.values_list("pk", flat=True)) == expected
            day += timedelta(days=3)
        _present_is_consistent(scene)
        transaction.set_rollback(True)


def _known(scene: Scene) -> set[int]:
    return {event.who for event in scene.oracle.events}


def _present_is_consistent(scene: Scene) -> None:
    """Paths, open placements, parents and copied paths all say the same; no path was ever given twice."""
    unions = {one.pk: one for one in Organisation.objects.everywhere(reason=WHY).filter(pk__in=_known(scene))}
    placements = Placement.objects.everywhere(reason=WHY).filter(organisation__in=unions)
    for row in placements.filter(period__upper_inf=True):
        union = unions[row.organisation_id]
        if row.chain == Chain.REGION:
            assert (row.path, row.parent_id) == (union.path, union.parent_id)
            parent = unions.get(union.parent_id or 0)
            assert parent is None or union.path.startswith(parent.path)
        else:
            assert row.path == union.second_path
    owners: dict[str, set[int]] = {}
    for row in placements:
        owners.setdefault(row.path, set()).add(row.organisation_id)
    assert all(len(who) == 1 for who in owners.values())
    for membership in Membership.objects.everywhere(reason=WHY).filter(organisation__in=unions):
        union = unions[membership.organisation_id]
        assert (membership.path, membership.second_path) == (union.path, union.second_path)
