"""The fixture itself: it stands once, survives emptying, and scope sees what it should."""

import pytest

from tests.world import World, ensure
from unionhall.foundation.scope import UnscopedQuery
from unionhall.members.models import Membership, Person
from unionhall.organisations.models import Organisation


def test_an_unscoped_query_is_refused(world: World) -> None:
    for use in (list, len, bool):
        with pytest.raises(UnscopedQuery):
            use(Membership.objects.all())
    with pytest.raises(UnscopedQuery):
        Person.objects.count()
    with pytest.raises(UnscopedQuery):
        Organisation.objects.filter(pk=1).update(name="x")


def test_scope_follows_both_chains(world: World) -> None:
    seen = {
        name: Membership.objects.visible_to(world.actor(name).access).count()
        for name in (
            "province_officer",
            "river_officer",
            "transport_officer",
            "pier_officer",
            "chair_beta",
            "leader",
        )
    }
    assert seen == {
        "province_officer": 7,
        "river_officer": 6,
        "transport_officer": 3,
        "pier_officer": 5,
        "chair_beta": 2,
        "leader": 0,  # a leader sees figures, not people
    }


def test_a_person_is_seen_through_an_open_membership(world: World) -> None:
    visible = Person.objects.visible_to(world.actor("chair_alpha").access)
    assert {person.name for person in visible} == {"张海林", "欧阳娜", "单小燕"}
    assert Person.objects.owned_by(world.actor("worker_outside").access).get().name == "周平"


def test_name_search_by_characters_and_initials(world: World) -> None:
    everyone = Person.objects.visible_to(world.actor("province_officer").access)
    assert {p.name for p in everyone.named("海")} == {"张海林", "张海燕"}
    assert {p.name for p in everyone.named("张海")} == {"张海林", "张海燕"}
    assert {p.name for p in everyone.named("zhy")} == {"张海燕"}
    assert {p.name for p in everyone.named("sxy")} == {"单小燕"}


def test_the_world_is_read_back_as_it_was_written(world: World) -> None:
    again = ensure()
    assert again.people.keys() == world.people.keys()
    assert again.memberships["alpha_3"].organisation == world.unions["alpha_night"]
