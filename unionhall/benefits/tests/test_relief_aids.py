"""Aids: ceilings, no double funding of a household, budgets, waiting, money paid once; races."""

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.world import World
from unionhall import rulebook
from unionhall.benefits import hardship
from unionhall.benefits.actions import relief
from unionhall.benefits.models import Aid, HardshipFile
from unionhall.benefits.procedures import relief_offers
from unionhall.benefits.rules import relief as rules
from unionhall.benefits.schemes import HardshipScheme
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.ledger import actions as money
from unionhall.ledger.models import Commitment, Payment, Recovery
from unionhall.ledger.reading import budget_state
from unionhall.ledger.tests import banking
from unionhall.members.models import HouseholdMember
from unionhall.records.models import JournalEntry, Message
from unionhall.rulebook.decisions import replay

from . import relief as scene

WHY = "test"


def fake_filed(world: World) -> HardshipFile:
    """A filed household without the way to it: the stages have tests of their own."""
    file = scene.applied(world)
    HardshipFile.objects.everywhere(reason=WHY).filter(pk=file.pk).update(
        stage="approved", filed_on=timezone.localdate()
    )
    return scene.fresh(file)


@pytest.fixture
def filed(world: World) -> HardshipFile:
    return fake_filed(world)


def test_an_aid_is_decided_held_and_due(world: World, filed: HardshipFile) -> None:
    budget = scene.budget(world, "living_aid")
    aid = scene.grant(world, filed, "living_aid", 5000)
    assert aid.payment is not None
    assert (aid.payment.amount, aid.payment.household_key) == (5000, filed.household.key)
    assert aid.decision is not None
    assert aid.decision.worked is not None
    assert [line["amount"] for line in aid.decision.worked["lines"]] == ["8640.00", "5000.00"]
    assert replay(aid.decision).same
    assert budget_state(budget).payable == 5000
    assert scene.fresh(filed).stage == "aided"


def test_the_years_grants_fill_up_the_ceiling(world: World, filed: HardshipFile) -> None:
    scene.budget(world, "living_aid")
    scene.grant(world, filed, "living_aid", 5000)
    with pytest.raises(Refused, match=r"上限 3,640\.00"):
        scene.grant(world, filed, "living_aid", 3641)
    scene.grant(world, filed, "living_aid", 3640)
    with pytest.raises(Refused, match="已达到上限"):
        scene.grant(world, filed, "living_aid", 1)
    assert Aid.objects.everywhere(reason=WHY).count() == 2, "what was refused leaves nothing"


@pytest.mark.parametrize(
    ("programme", "wanted", "more", "says"),
    [
        ("medical_relief", 8001, {"own_cost": Decimal(8000)}, r"上限 8,000\.00"),
        ("medical_relief", 20001, {"own_cost": Decimal(50000)}, r"上限 20,000\.00"),
        ("medical_relief", 1, {}, "自付费用"),
        ("school_aid", 1, {}, "就学阶段"),
        ("school_aid", 7201, {"schooling": "university"}, r"上限 7,200\.00"),
        ("temporary_aid", 3001, {}, r"上限 3,000\.00"),
        ("warmth", 1001, {}, r"上限 1,000\.00"),
        ("lottery", 1, {}, "帮扶项目"),
    ],
)
def test_ceilings(
    world: World, filed: HardshipFile, programme: str, wanted: int, more: dict[str, Decimal], says: str
) -> None:
    with pytest.raises(Refused, match=says):
        scene.grant(world, filed, programme, wanted, **more)


def test_once_a_year_and_no_double_funding(world: World, filed: HardshipFile) -> None:
    for programme in ("warmth", "temporary_aid", "school_aid"):
        scene.budget(world, programme)
    scene.grant(world, filed, "warmth", 1000)
    with pytest.raises(Refused, match="已享受“送温暖”"):
        scene.grant(world, filed, "warmth", 1)
    given_ = scene.grant(world, filed, "temporary_aid", 2000)
    daughter = HouseholdMember.objects.everywhere(reason=WHY).get(household=filed.household, relation="3")
    pupil = {"beneficiary": daughter, "schooling": "high_school"}
    with pytest.raises(Refused, match="已享受“临时救助”"):
        scene.grant(world, filed, "school_aid", 3000, **pupil)
    relief.revoke_aid(world.actor("river_officer"), aid=given_, reason="发放有误，撤销")
    scene.grant(world, filed, "school_aid", 3000, **pupil)
    with pytest.raises(Refused, match="已享受“金秋助学”"):
        scene.grant(world, filed, "temporary_aid", 100)


def paid_by_the_bank(world: World, programme: str) -> None:
    """A batch of all that is due out of the city's budgets, answered by the bank."""
    banking.payee(world.people["alpha_1"])
    batch = money.make_batch(world.actor("river_officer"), organisation=world.unions["river_city"])
    batch = banking.sent(world, batch)
    banking.take(world, batch, banking.all_paid(batch))
    assert Payment.objects.everywhere(reason=WHY).get(budget__programme=programme).state == "paid"


def city_budget(world: World, programme: str) -> None:
    money.open_budget(
        scene.SYSTEM, organisation=world.unions["river_city"], programme=programme,
        year=timezone.localdate().year, amount=50_000,
    )  # fmt: skip


def test_a_revoked_aid_counts_until_its_money_has_come_back(world: World, filed: HardshipFile) -> None:
    """Also when nobody asks for it any more; what excludes it is excluded as long."""
    city_budget(world, "temporary_aid")
    scene.budget(world, "school_aid")
    aid = scene.grant(world, filed, "temporary_aid", 2000)
    paid_by_the_bank(world, "temporary_aid")
    officer, pupil = world.actor("river_officer"), {"schooling": "high_school"}
    assert relief.revoke_aid(officer, aid=aid, reason="发放有误，撤销").revoked_at is not None
    with pytest.raises(Refused, match="已享受“临时救助”"):
        scene.grant(world, filed, "school_aid", 3000, **pupil)
    back = Recovery.objects.everywhere(reason=WHY).get()
    assert [(one["state"], one["may_revoke"]) for one in hardship.aids(filed)] == [
        ("已撤销，款未收回", False)
    ]
    money.settle_recovery(scene.SYSTEM, recovery=back, received=True)
    assert [one["state"] for one in hardship.aids(filed)] == ["已撤销"]
    scene.grant(world, filed, "school_aid", 3000, **pupil)


def test_a_revoked_aid_whose_money_is_out_is_still_one_that_was_had(
    world: World, filed: HardshipFile
) -> None:
    city_budget(world, "warmth")
    aid = scene.grant(world, filed, "warmth", 1000)
    paid_by_the_bank(world, "warmth")
    relief.revoke_aid(world.actor("river_officer"), aid=aid, reason="发放有误，撤销")
    today = timezone.localdate()
    used, had = relief_offers.aid_used("warmth"), relief_offers.aid_had("warmth")
    (use,) = used(filed.person_id, today)
    assert ("需要退回" in use.text, use.under_way) == (True, False)
    assert [one.pk for one in had(today)] == [aid.pk]
    back = Recovery.objects.everywhere(reason=WHY).get()
    money.settle_recovery(scene.SYSTEM, recovery=back, received=True)
    assert (used(filed.person_id, today), list(had(today))) == ([], [])


@pytest.mark.parametrize("received", [True, False])
def test_once_a_year_is_once_also_after_revoking(world: World, filed: HardshipFile, received: bool) -> None:
    city_budget(world, "warmth")
    aid = scene.grant(world, filed, "warmth", 1000)
    paid_by_the_bank(world, "warmth")
    relief.revoke_aid(world.actor("river_officer"), aid=aid, reason="发放有误，撤销")
    assert relief.limit_of(file=filed, programme="warmth").refusal
    with pytest.raises(Refused, match="已享受“送温暖”"):
        scene.grant(world, filed, "warmth", 1000)
    back = Recovery.objects.everywhere(reason=WHY).get()
    money.settle_recovery(scene.SYSTEM, recovery=back, received=received, reason="无法收回")
    if received:
        assert scene.grant(world, filed, "warmth", 1000).payment is not None
    else:
        with pytest.raises(Refused, match="已享受“送温暖”"):
            scene.grant(world, filed, "warmth", 1000)


def test_what_finance_gives_up_is_revoked_and_may_be_granted_again(world: World, filed: HardshipFile) -> None:
    city_budget(world, "warmth")
    aid = scene.grant(world, filed, "warmth", 1000)
    assert aid.payment is not None
    money.reverse(world.actor("river_officer"), payment=aid.payment, reason="户主放弃")
    kept = Aid.objects.everywhere(reason=WHY).get(pk=aid.pk)
    assert kept.revoked_at is not None
    entry = JournalEntry.objects.everywhere(reason=WHY).get(action="benefits.relief_aid_revoked")
    assert entry.reason == "户主放弃"
    with pytest.raises(Refused, match="已经撤销"):
        relief.revoke_aid(world.actor("river_officer"), aid=aid, reason="发放有误，撤销")
    assert scene.grant(world, filed, "warmth", 1000).payment is not None


@pytest.mark.parametrize(("left", "words"), [(True, "需要退回"), (False, "款项不再发放")])
def test_whoever_had_a_revoked_aid_hears_of_it_once(
    world: World, filed: HardshipFile, left: bool, words: str
) -> None:
    city_budget(world, "warmth")
    aid = scene.grant(world, filed, "warmth", 1000)
    if left:
        paid_by_the_bank(world, "warmth")
    relief.revoke_aid(world.actor("river_officer"), aid=aid, reason="发放有误，撤销")
    told = Message.objects.everywhere(reason=WHY).get(title__endswith="已撤销")
    assert told.recipient_id == filed.person.account_id
    assert words in told.body


def test_an_aid_in_line_is_revoked_and_never_paid(world: World, filed: HardshipFile) -> None:
    budget = scene.budget(world, "living_aid", 300)
    aid = scene.grant(world, filed, "living_aid", 8640)
    relief.revoke_aid(world.actor("river_officer"), aid=aid, reason="发放有误，撤销")
    money.change_budget(scene.SYSTEM, budget=budget, amount=20_000, reason="追加")
    assert not Payment.objects.everywhere(reason=WHY).exists()
    assert scene.grant(world, filed, "living_aid", 8640).payment is not None
    assert (
        JournalEntry.objects.everywhere(reason=WHY).filter(action="benefits.relief_aid_revoked").count() == 1
    )


def test_for_each_pupil_of_the_household(world: World, filed: HardshipFile) -> None:
    scene.budget(world, "school_aid")
    me, daughter = (
        HouseholdMember.objects.everywhere(reason=WHY).filter(household=filed.household).order_by("pk")
    )
    scene.grant(world, filed, "school_aid", 3000, beneficiary=daughter, schooling="high_school")
    scene.grant(world, filed, "school_aid", 3000, beneficiary=me, schooling="university")
    with pytest.raises(Refused, match="已享受"):
        scene.grant(world, filed, "school_aid", 1, beneficiary=daughter, schooling="high_school")


def test_without_budget_nothing_and_in_line_paid_when_served(world: World, filed: HardshipFile) -> None:
    with pytest.raises(Refused, match=r"还没有.*预算"):
        scene.grant(world, filed, "temporary_aid", 500)
    budget = scene.budget(world, "temporary_aid", 300)
    waits = scene.grant(world, filed, "temporary_aid", 500)
    assert waits.payment is None
    assert waits.commitment is not None
    assert waits.commitment.state == Commitment.State.WAITING
    money.change_budget(scene.SYSTEM, budget=budget, amount=800, reason="追加")
    served = Aid.objects.everywhere(reason=WHY).get(pk=waits.pk)
    assert served.payment is not None
    assert Payment.objects.everywhere(reason=WHY).count() == 1


def test_only_filed_households_and_only_who_may(world: World) -> None:
    file = scene.applied(world)
    scene.budget(world, "temporary_aid")
    with pytest.raises(Refused, match="建档以后"):
        scene.grant(world, file, "temporary_aid", 100)
    with pytest.raises(NotAllowed):
        relief.grant_aid(world.actor("chair_alpha"), file=file, programme="temporary_aid", wanted=Decimal(1))


def test_unfiled_households_where_the_scheme_has_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    officer, person = world.actor("river_officer"), world.people["alpha_1"]
    asked = {"programme": "school_aid", "wanted": Decimal(4000), "schooling": "university"}
    with pytest.raises(Refused, match="没有面向"):
        relief.grant_aid(officer, person=person, **asked)  # type: ignore[arg-type]
    world.unions["alpha"].division = "429006"
    world.unions["alpha"].save(update_fields=["division"])
    scene.budget(world, "school_aid")
    aid = relief.grant_aid(officer, person=person, **asked)  # type: ignore[arg-type]
    assert aid.file is None
    assert aid.amount == Decimal(4000)
    with pytest.raises(Refused, match="已享受"):
        relief.grant_aid(officer, person=person, **asked)  # type: ignore[arg-type]


@pytest.mark.django_db(transaction=True)
def test_two_grants_at_once_fund_one_household_once(world: World) -> None:
    """Both begin before either ends: the second waits for the household, then sees what the first gave."""
    with transaction.atomic():
        file = fake_filed(world)
        for programme in ("school_aid", "temporary_aid"):
            scene.budget(world, programme)
    start, said = threading.Barrier(2), []

    def grant(programme: str, more: dict[str, str]) -> None:
        try:
            start.wait(5)
            scene.grant(world, file, programme, 1000, **more)
            said.append("granted")
        except Refused as refusal:
            said.append(str(refusal))
        finally:
            connection.close()

    threads = [
        threading.Thread(target=grant, args=("school_aid", {"schooling": "high_school"})),
        threading.Thread(target=grant, args=("temporary_aid", {})),
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert sorted(one == "granted" for one in said) == [False, True], said
    assert any("不能重复帮扶" in one for one in said)
    assert Payment.objects.everywhere(reason=WHY).count() == 1


SUMS = st.decimals(0, 10**6, places=2)


@given(income=SUMS, expense=SUMS, people=st.integers(1, 9), more=st.decimals(0, 10**5, places=2), loss=SUMS)
def test_less_to_live_on_never_makes_a_household_better_off(
    income: Decimal, expense: Decimal, people: int, more: Decimal, loss: Decimal
) -> None:
    """Higher rigid expenses never take a category away or lower it; m is the formula of the scheme."""
    parameters = rulebook.scheme(HardshipScheme, on=date(2026, 8, 1), division="42").parameters
    first = rules.assess(parameters, income=income, expense=expense, people=people, loss=loss)
    second = rules.assess(parameters, income=income, expense=expense + more, people=people, loss=loss)
    rank = {"": 0, "accident": 1, "relative": 2, "deep": 3}
    assert rank[second.category] >= rank[first.category]
    assert abs(first.monthly * 12 * people - (income - expense)) <= Decimal("0.06") * people * 2
