"""Unions and people move for years; every figure of every union on every day is what a plain list of events says."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.world import PEOPLE, SINCE, UNIONS, World, phone_of, resident_id
from unionhall.foundation.permissions import Role
from unionhall.indicators import registry
from unionhall.insights.drilling import place
from unionhall.members import actions as members
from unionhall.members.models import Membership, Person
from unionhall.organisations import actions as tree
from unionhall.organising.actions.reorganising import dissolve_union, merge_unions
from unionhall.records.models import JournalEntry

WHY = "test"
TODAY = date(2026, 1, 1)
#: (day, person, union or None), in the order in which it happened.
Stays = list[tuple[date, str, str | None]]
#: (day, union, union above): where a union stood from a day on.
Places = list[tuple[date, str, str | None]]


def last(events: Iterable[tuple[date, str, str | None]], day: date, key: str) -> str | None:
    found = None
    for when, who, where in events:
        if who == key and when <= day:
            found = where
    return found


def oracle(top: str, day: date, people: Iterable[str], stays: Stays, places: Places) -> set[str]:
    """Who stands in the subtree of `top` on a day: follow each person's union upwards."""
    inside = set()
    for person in people:
        union = last(stays, day, person)
        while union is not None and union != top:
            union = last(places, day, union)
        if union == top:
            inside.add(person)
    return inside


def current(person: Person) -> Membership:
    return Membership.objects.everywhere(reason=WHY).current().get(person=person)


def fresh(world: World, key: str) -> Any:
    world.unions[key].refresh_from_db()
    return world.unions[key]


def test_figures_of_every_day_are_what_happened(world: World) -> None:
    actor = world.actor("province_officer")
    places: Places = [(SINCE, key, row[3]) for key, row in UNIONS.items()]
    stays: Stays = [
        (date(2021, 1, number), key, union) for number, (key, (*_, union)) in enumerate(PEOPLE.items(), 1)
    ]
    people = dict(world.people)

    for number, union in enumerate(["alpha", "alpha", "beta", "gamma", "delta"]):
        key, day = f"new_{number}", date(2022, 3, 1 + number)
        people[key] = members.register_person(
            actor,
            name=f"新会员{'甲乙丙丁戊'[number]}",
            id_type="01",
            id_number=resident_id(date(1990, 1, 1 + number), "12"[number % 2], 60 + number),
            phone=phone_of(600 + number),
        )
        members.admit(actor, person=people[key], organisation=world.unions[union], on=day)
        stays.append((day, key, union))

    members.move(
        actor,
        membership=current(people["alpha_1"]),
        destination=world.unions["gamma"],
        on=date(2023, 6, 1),
    )
    stays.append((date(2023, 6, 1), "alpha_1", "gamma"))

    tree.move(actor, organisation=fresh(world, "beta"), parent=fresh(world, "hill"), on=date(2024, 2, 1))
    places.append((date(2024, 2, 1), "beta", "hill"))

    merge_unions(
        actor,
        organisation=fresh(world, "gamma"),
        into=fresh(world, "delta"),
        on=date(2025, 1, 10),
        document="鄂工发〔2025〕1号",
    )
    stays += [
        (date(2025, 1, 10), key, "delta") for key in people if last(stays, date(2025, 1, 10), key) == "gamma"
    ]

    dissolve_union(
        actor,
        organisation=fresh(world, "alpha_night"),
        on=date(2025, 9, 1),
        reason="夜班停产",
        document="鄂工发〔2025〕9号",
        destination=fresh(world, "alpha"),
    )
    stays.append((date(2025, 9, 1), "alpha_3", "alpha"))

    moments = {day for day, *_ in stays + places[len(UNIONS) :]}
    days = sorted({day + timedelta(days=shift) for day in moments for shift in (-1, 0, 1)} | {TODAY})
    wrong = []
    for top in (
        "province",
        "river_city",
        "gorge_city",
        "east",
        "west",
        "pier",
        "hill",
        "dam",
        "alpha",
        "beta",
    ):
        for day in days:
            wanted = oracle(top, day, people, stays, places)
            where = place(fresh(world, top), actor.access, day)
            found = registry.values(["members.count", "members.women"], where)
            women = sum(people[key].sex == "2" for key in wanted)
            if found != {"members.count": len(wanted), "members.women": women}:
                wrong.append(f"{top} {day}: {found}, not {len(wanted)}/{women}")
    assert wrong == []


def test_a_leader_counts_people_and_sees_none(world: World, signed_in: Any) -> None:
    client = signed_in("leader")
    answer = client.get("/desk/figures/")
    assert answer.status_code == 200
    shown = answer.content.decode()
    for key in ("figures", "orgs", "reviews"):
        page = client.get(f"/desk/{key}/").content.decode()
        for person in world.people.values():
            assert person.name not in page
            assert person.masked_phone not in page
    assert "6" in shown
    for path in ("members/", f"members/{world.people['alpha_1'].pk}/", "exports/", "journal/"):
        assert client.get(f"/desk/{path}").status_code == 403
    assert Role.LEADER.label in client.get("/desk/").content.decode() + shown


@pytest.mark.parametrize(("viewer", "status"), [("chair_alpha", 200), ("chair_beta", 404)])
def test_a_person_learns_who_saw_the_number(world: World, signed_in: Any, viewer: str, status: int) -> None:
    """A look leaves a trace with its reason; a look that was refused shows nothing to either side."""
    person, why = world.people["alpha_1"], "核对困难补助材料"
    client = signed_in(viewer)
    address = f"/desk/members/{person.pk}/reveal/id-number/"
    assert client.get(address).status_code == status
    number = person.id_number.reveal()
    seen = JournalEntry.objects.everywhere(reason=WHY).about(person)
    if status == 200:
        members.reveal(world.actor(viewer), person=person, what="id_number", reason=why)
        assert seen.filter(reason=why).count() == 1
    mine = signed_in("worker_alpha").get("/m/who-saw/").content.decode()
    assert (why in mine) == (status == 200)
    assert number not in mine
    other = signed_in("worker_beta").get("/m/who-saw/").content.decode()
    assert why not in other
    told = signed_in("auditor").get("/desk/journal/").content.decode()
    assert (why in told) == (status == 200)
    assert number not in told
