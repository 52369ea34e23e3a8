"""Households: found by person and by document, one at a time, closed to strangers."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.world import PEOPLE, World, resident_id
from unionhall.foundation.actors import NotAllowed, system_actor
from unionhall.foundation.errors import Refused
from unionhall.members import actions, households
from unionhall.members.models import Household, HouseholdMember, Person, Relation

pytestmark = pytest.mark.django_db
WHY = "test"


def number_of(key: str) -> str:
    _, sex, birth, _ = PEOPLE[key]
    return resident_id(birth, sex, list(PEOPLE).index(key) + 1)


def marry(world: World, one: str, other: str) -> HouseholdMember:
    return actions.add_relative(
        system_actor(),
        person=world.people[one],
        name=PEOPLE[other][0],
        relation=Relation.SPOUSE,
        id_type="01",
        id_number=number_of(other),
    )


def test_somebody_without_a_household_is_alone(world: World) -> None:
    person = world.people["alpha_1"]
    assert households.of(person.pk) == {person.pk}
    assert households.key_of(person.pk) == ""


def test_spouses_share_a_key(world: World) -> None:
    one, other, third = (world.people[key].pk for key in ("alpha_1", "beta_2", "gamma_1"))
    marry(world, "alpha_1", "beta_2")
    assert households.of(one) == households.of(other) == {one, other}
    assert households.key_of(one) == households.key_of(other) != ""
    assert households.of_many([one, third]) == {one: {one, other}, third: {third}}
    assert households.keys_of([one, other, third]).keys() == {one, other}


def test_who_registers_later_is_known_by_document(world: World) -> None:
    born = world.people["outsider"].birth
    assert born is not None
    number = resident_id(born, "2", 41)
    actions.add_relative(
        system_actor(), person=world.people["alpha_1"], name="周宁", relation=Relation.DAUGHTER,
        id_type="01", id_number=number,
    )  # fmt: skip
    daughter = actions.register_person(system_actor(), name="周宁", id_type="01", id_number=number)
    assert households.of(daughter.pk) == {daughter.pk, world.people["alpha_1"].pk}
    assert households.key_of(daughter.pk) == households.key_of(world.people["alpha_1"].pk)


def test_nobody_stands_in_two(world: World) -> None:
    marry(world, "alpha_1", "beta_2")
    with pytest.raises(Refused, match="另一户"):
        marry(world, "gamma_1", "beta_2")


def test_adding_again_puts_it_right(world: World) -> None:
    marry(world, "alpha_1", "beta_2")
    again = actions.add_relative(
        system_actor(),
        person=world.people["alpha_1"],
        name="张海燕",
        relation=Relation.SIBLING,
        id_type="01",
        id_number=number_of("beta_2"),
    )
    assert again.relation == Relation.SIBLING
    assert HouseholdMember.objects.everywhere(reason=WHY).count() == 2


def test_leaving_ends_it(world: World) -> None:
    member = marry(world, "alpha_1", "beta_2")
    with pytest.raises(Refused, match="原因"):
        actions.leave_household(system_actor(), person=world.people["alpha_1"], member=member, reason="")
    actions.leave_household(system_actor(), person=world.people["alpha_1"], member=member, reason="离婚分户")
    assert households.key_of(world.people["beta_2"].pk) == ""
    marry(world, "gamma_1", "beta_2")
    assert households.key_of(world.people["beta_2"].pk) == households.key_of(world.people["gamma_1"].pk)


def test_own_household_or_an_officers(world: World) -> None:
    mine = world.people["alpha_1"]
    assert actions.form_household(world.actor("worker_alpha"), person=mine).pk
    assert actions.form_household(world.actor("chair_alpha"), person=mine) == households.home_of(mine.pk)
    with pytest.raises(NotAllowed):
        actions.form_household(world.actor("worker_beta"), person=mine)
    with pytest.raises(NotAllowed):
        actions.form_household(world.actor("chair_beta"), person=mine)


def test_scope_is_that_of_its_people(world: World) -> None:
    marry(world, "alpha_1", "gamma_1")
    for name, seen in {"chair_alpha": 1, "chair_gamma": 1, "chair_beta": 0, "auditor": 1}.items():
        access = world.actor(name).access
        assert Household.objects.visible_to(access).count() == seen
        assert HouseholdMember.objects.visible_to(access).count() == 2 * seen


def test_sealed_and_masked(world: World) -> None:
    marry(world, "alpha_1", "beta_2")
    row = HouseholdMember.objects.everywhere(reason=WHY).get(relation=Relation.SPOUSE)
    assert number_of("beta_2").encode() not in bytes(row.id_number.blob)
    assert row.masked_id.count("*") > 8
    assert str(row) == "张*"
    assert row.period.lower == timezone.localdate()
    assert Person.objects.everywhere(reason=WHY).get(household_places=row).name == "张海燕"


def test_somebody_leaves_on_the_desks_page(world: World, signed_in: Callable[[str], Client]) -> None:
    person = world.people["alpha_1"]
    row = marry(world, "alpha_1", "beta_2")
    client, address = signed_in("chair_alpha"), reverse("desk_member_household", args=[person.pk])
    shown = client.get(address).content.decode()
    assert "配偶" in shown
    assert number_of("beta_2") not in shown
    assert client.post(address, {"member": row.pk, "reason": "分"}).status_code == 422
    mine = HouseholdMember.objects.everywhere(reason=WHY).get(person=person)
    assert client.post(address, {"member": mine.pk, "reason": "不能移出本人"}).status_code == 422
    assert client.post(address, {"member": row.pk, "reason": "已经离婚分户"}).status_code == 302
    assert "配偶" not in client.get(address).content.decode()
    assert households.of(person.pk) == {person.pk}
