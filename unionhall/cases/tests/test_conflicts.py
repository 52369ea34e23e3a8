"""回避: who is too near to a party is not asked, and the desk reads why."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import aid, conflicts, lawyering, lawyers, lawyers_counsel, mediation
from unionhall.cases.models import Case, Lawyer
from unionhall.cases.tests import disputes
from unionhall.cases.tests.aid import applied, body, lawyer, officer
from unionhall.foundation.errors import Refused
from unionhall.members.models import DeskIdentity, Household, HouseholdMember

pytestmark = pytest.mark.django_db
WHY = "test"


def said(found: Case) -> dict[str, str]:
    """Why whom not, by name."""
    _, passed = lawyering.ranked(found.legal_aid)
    names = {one.pk: one.name for one in Lawyer.objects.everywhere(reason=WHY)}
    return {names[one.candidate.id]: one.reason for one in passed}


def related(world: World, name: str, person: str) -> None:
    """The account belongs to a person who shares a household with that one."""
    today = timezone.localdate()
    home = Household.objects.create(key=f"test:{name}")
    other = world.people["beta_1"]
    for one in (world.people[person], other):
        HouseholdMember.objects.create(
            household=home, person=one, id_number=f"T{one.pk}", id_index=one.pk.to_bytes(16, "big"), name=one.name,
            period=DateRange(today, None),
        )  # fmt: skip
    DeskIdentity.objects.create(account=world.accounts[name], person=other, named_by="test")


def test_a_lawyer_is_passed_over_for_what_ties_him_to_a_party(world: World) -> None:
    body(world)
    who, employer = officer(world), world.employers["alpha"]
    lawyer(world, "本人", account="worker_alpha", firm="甲")
    lawyer(world, "家人", account="mediator", firm="乙")
    related(world, "mediator", "alpha_1")
    serving = lawyer(world, "服务律师", firm="江城 正和律师事务所")
    lawyer(world, "同所律师", firm="江城正和律师事务所")
    declared = lawyer(world, "登记律师", firm="丙")
    lawyer(world, "同所登记", firm="丙")
    free = lawyer(world, "何清", firm="丁")
    lawyers.add_conflict(who, lawyer=declared, employer=employer, reason="去年的顾问单位")
    lawyers_counsel.set_counsel(
        who, organisation=world.unions["river_city"], employer=employer, lawyer=serving, begins=timezone.localdate(),
        months=12,
    )  # fmt: skip
    case = applied(world).case
    aid.decide(who, case=case, granted=True)
    name = employer.name
    assert said(case) == {
        "本人": "是当事人本人，依法回避",
        "家人": "是当事人的家庭成员，依法回避",
        "服务律师": f"正在为当事一方{name}提供法律服务，依法回避",
        "同所律师": f"所在的律师事务所（服务律师律师）正在为当事一方{name}提供法律服务，依法回避",
        "登记律师": f"与当事一方{name}有登记的利害关系（去年的顾问单位），依法回避",
        "同所登记": f"同一律师事务所的登记律师律师与当事一方{name}有登记的利害关系，依法回避",
    }
    with pytest.raises(Refused, match="不能指派同所律师：所在的律师事务所"):
        lawyering.offer(who, case=case, lawyer=Lawyer.objects.everywhere(reason=WHY).get(name="同所律师"))
    assert lawyering.offer(who, case=case).lawyer == free


def test_a_mediator_is_neither_a_party_nor_a_party_s_lawyer(world: World) -> None:
    place = disputes.body(world)
    own = disputes.mediator(place, "本人", world.accounts["worker_alpha"])
    acting = disputes.mediator(place, "律师", world.accounts["mediator"])
    free = disputes.mediator(place, "方正")
    case = disputes.dispute(world)
    body(world)
    lawyer(world, "律师", account="mediator")
    found = aid.apply_from(officer(world), case=case, form="3", is_migrant=True)
    aid.decide(officer(world), case=found.case, granted=True)
    lawyering.offer(officer(world), case=found.case)
    able, passed = mediation.ranked(case)
    assert {one.candidate.id: one.reason for one in passed} == {
        own.pk: "是当事人本人，依法回避",
        acting.pk: "正在代理一方当事人，依法回避",
    }
    assert [one.candidate.id for one in able] == [free.pk]


def test_what_is_asked_does_not_grow_with_the_roster(world: World) -> None:
    case = disputes.dispute(world)
    with CaptureQueriesContext(connection) as asked:
        sides = conflicts.sides_of(case)
        conflicts.ties(sides, timezone.localdate())
        conflicts.employed(sides, range(1, 5_000))
    assert len(asked) <= 7
