"""单位投保: the list against the condition, the premium through the ledger, cover from the payment on, renewal."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.world import World
from unionhall.benefits.actions import insurers, plans, plans_paying
from unionhall.benefits.models import CoverChange, CoverEnrolment, PlanPurchase
from unionhall.benefits.todo.plans import of_drafts, of_ending
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.todo import told
from unionhall.ledger.models import Payment
from unionhall.records.models import JournalEntry, Message

from .plan_steps import SYSTEM, TODAY, WHY, covers, drafted, money, paid, people, submitted

pytestmark = pytest.mark.django_db
SignedIn = Callable[[str], Client]


def test_from_the_list_to_cover_in_the_pages(world: World, signed_in: SignedIn) -> None:
    money(world)
    desk = signed_in("chair_alpha")
    facts = {
        "organisation": world.unions["alpha"].code,
        "plan": "plan_women.one",
        "starts": f"{TODAY + timedelta(days=5)}",
    }
    page = desk.post(reverse("desk_cover_plan_new"), facts)["Location"]
    purchase = PlanPurchase.objects.everywhere(reason=WHY).select_related("organisation").get()
    assert {name: one.standing for name, one in people(purchase).items()} == {
        "张海林": "unfit",
        "欧阳娜": "listed",
        "单小燕": "listed",
    }
    assert "性别" in people(purchase)["张海林"].reason
    leave, take = (reverse(f"desk_cover_plan_{verb}", args=[purchase.pk]) for verb in ("leave", "take"))
    desk.post(leave, {"selected": [people(purchase)["欧阳娜"].pk], "reason": "本人不愿参加"})
    shown = desk.get(page).content.decode()
    assert "还差 1 人" in shown
    assert "提交投保" not in shown
    assert "方案为暂定" in shown
    submit = reverse("desk_cover_plan_submit", args=[purchase.pk])
    desk.post(submit, {"amount": "36.00"})
    assert PlanPurchase.objects.everywhere(reason=WHY).get().is_draft, "below the condition"
    desk.post(take, {"selected": [people(purchase)["欧阳娜"].pk]})
    desk.post(submit, {"amount": "36.00"})
    assert PlanPurchase.objects.everywhere(reason=WHY).get().is_draft, (
        "another sum than the one that was seen"
    )
    desk.post(submit, {"amount": "72.00"})
    payment = Payment.objects.everywhere(reason=WHY).select_related("payee", "decision").get()
    assert payment.payee is not None
    assert (payment.amount, payment.payee.holder) == (Decimal("72.00"), "中国职工保险互助会湖北办事处")
    assert payment.decision is not None
    assert payment.decision.rule == "plan_women.take_out"
    assert covers(purchase) == {}, "nobody is covered before the money is there"
    done = paid(purchase)
    held = covers(done)
    assert set(held) == {"欧阳娜", "单小燕"}
    assert held["欧阳娜"].period.lower == TODAY + timedelta(days=5)
    assert (done.state, done.period.upper) == ("effective", held["欧阳娜"].period.upper)
    assert "已付款，保障生效" in desk.get(page).content.decode()
    done_again = paid(purchase)
    assert (done_again.period, len(covers(done))) == (done.period, 2), "told twice, begun once"
    actions = JournalEntry.objects.everywhere(reason=WHY).filter(action__startswith="benefits.plan")
    assert set(actions.values_list("action", flat=True)) == {
        f"benefits.plan_{verb}" for verb in ("started", "listed", "submitted", "effective")
    }
    assert Message.objects.everywhere(reason=WHY).filter(
        recipient_id=world.accounts["chair_alpha"].pk, title__contains="保障已生效"
    )


def test_money_is_asked_for_in_words(world: World) -> None:
    found = drafted(world)
    chair = world.actor("chair_alpha")
    with pytest.raises(Refused, match="收款账户"):
        plans.submit(chair, purchase=found, amount=Decimal(72))
    insurers.save_insurer(
        SYSTEM, organisation=world.unions["province"], insurer=None, bank="示例银行", number="6222020200112233446",
        given={"name": "中国职工保险互助会湖北办事处", "programmes": ["plan_women"]},
    )  # fmt: skip
    with pytest.raises(Refused, match="预算"):
        plans.submit(chair, purchase=found, amount=Decimal(72))
    with pytest.raises(Refused, match="正在列的名单"):
        drafted(world)
    with pytest.raises(NotAllowed):
        plans.submit(world.actor("river_officer"), purchase=found, amount=Decimal(72))
    plans.cancel(chair, purchase=found)
    assert drafted(world).is_draft


def test_renewed_from_the_day_after_and_taken_back(world: World, signed_in: SignedIn) -> None:
    money(world)
    first = paid(submitted(world))
    assert [one.purchase_id for one in people(first).values()] == [first.pk] * 3
    begun = drafted(world, starts=TODAY + timedelta(days=9))
    assert {one.standing for one in people(begun).values()} == {"covered", "unfit"}
    assert plans.tally(begun).share.missing == 0
    plans.cancel(world.actor("chair_alpha"), purchase=begun)
    with pytest.raises(Refused, match="现在还不能续保"):
        drafted(world, previous=first)
    ends = TODAY + timedelta(days=20)
    rows = CoverEnrolment.objects.everywhere(reason=WHY).filter(source="listed")
    for one in [first, *rows]:
        one.period = type(one.period)(TODAY, ends)
        one.save(update_fields=["period"])
    with pytest.raises(Refused, match="续保从次日起"):
        drafted(world, previous=first)
    request: Any = RequestFactory().get("/desk/")
    request.access = world.actor("chair_alpha").access
    assert {one.label for one in told(request, of_ending, of_drafts) if one.count} == {
        "单位投保即将到期待续保"
    }
    client = signed_in("chair_alpha")
    client.post(reverse("desk_cover_plan_renew", args=[first.pk]))
    second = PlanPurchase.objects.everywhere(reason=WHY).get(previous=first)
    assert (second.starts, second.tier) == (ends, "one")
    assert [one.count for one in told(request, of_ending, of_drafts) if one.count] == [1]
    assert {one.standing for one in people(second).values()} == {"listed", "unfit"}
    plans_paying.taken_back(SYSTEM, Payment.objects.everywhere(reason=WHY).all())
    assert all(one.period.isempty for one in covers(first).values())
    changes = CoverChange.objects.everywhere(reason=WHY).filter(kind="ended")
    assert list(changes.values_list("was", flat=True)) == [DateRange(TODAY, ends)] * 2


def test_nobody_is_on_two_lists_that_are_paid(world: World) -> None:
    """Handed in and not yet paid, a list holds its people: in the unit's next list, and in that of a branch below."""
    money(world)
    chair = world.actor("chair_alpha")
    branch = drafted(world, organisation=world.unions["alpha_night"])
    assert {one.standing for one in people(branch).values()} == {"listed"}
    first = submitted(world)
    with pytest.raises(Refused, match="1 人已有这项保障，或者已在另一份"):
        plans.submit(chair, purchase=branch, amount=Decimal(36))
    plans.relist(chair, purchase=branch)
    again = drafted(world)
    for listed in (branch, again):
        found = people(listed)["单小燕"]
        assert (found.standing, plans.tally(listed).refusal) == ("covered", "名单上没有人")
        assert world.unions["alpha"].name in found.reason
    plans_paying.taken_back(SYSTEM, Payment.objects.everywhere(reason=WHY).filter(key=plans.key_of(first)))
    plans.relist(chair, purchase=again)
    assert plans.tally(again).counts["listed"] == 2, "free again"
    assert Payment.objects.everywhere(reason=WHY).count() == 1


def test_who_was_left_out_stays_left_out_whatever_happens_meanwhile(world: World) -> None:
    """Covered by another list for a while, he counts as taking part; when that is given up he is left out as before."""
    money(world)
    chair = world.actor("chair_alpha")
    branch = drafted(world, organisation=world.unions["alpha_night"])
    (one,) = people(branch).values()
    plans.leave_out(chair, purchase=branch, people=[one.pk], reason="本人不愿参加")
    first = submitted(world)
    plans.relist(chair, purchase=branch)
    assert [found.standing for found in people(branch).values()] == ["covered"]
    assert plans.tally(branch).share.joined == 1
    plans_paying.taken_back(SYSTEM, Payment.objects.everywhere(reason=WHY).filter(key=plans.key_of(first)))
    plans.relist(chair, purchase=branch)
    assert [(found.standing, found.reason) for found in people(branch).values()] == [
        ("left_out", "本人不愿参加")
    ]
    plans.take_in(chair, purchase=branch, people=[one.pk])
    plans.relist(chair, purchase=branch)
    assert [found.standing for found in people(branch).values()] == ["listed"]


def test_a_cover_that_begins_later_is_not_paid_for_again(world: World) -> None:
    money(world)
    later = drafted(world, starts=TODAY + timedelta(days=60))
    paid(plans.submit(world.actor("chair_alpha"), purchase=later, amount=plans.tally(later).amount))
    found = people(drafted(world))["欧阳娜"]
    assert (found.standing, f"自 {TODAY + timedelta(days=60)} 起" in found.reason) == ("covered", True)


def test_who_was_covered_before_the_money_arrived_is_told_of(world: World) -> None:
    """As it may stand from before lists were held against each other: the bank's word is booked, nobody is dropped."""
    money(world)
    found = submitted(world)
    CoverEnrolment.objects.create(
        person=world.people["alpha_2"], programme="plan_women", source="listed", tier="one",
        period=DateRange(TODAY, TODAY + timedelta(days=300)), organisation=world.unions["alpha"],
    )  # fmt: skip
    paid(found)
    assert (people(found)["欧阳娜"].standing, people(found)["单小燕"].standing) == ("covered", "listed")
    letter = Message.objects.everywhere(reason=WHY).get(title__contains="保障已生效")
    assert "另有 1 人付款时已有保障" in letter.body


def test_the_list_of_plans_costs_the_same_for_one_and_for_three(world: World, signed_in: SignedIn) -> None:
    client, chair = signed_in("chair_alpha"), world.actor("chair_alpha")

    def statements() -> int:
        client.get(reverse("desk_cover_plans"))
        with CaptureQueriesContext(connection) as seen:
            assert client.get(reverse("desk_cover_plans")).status_code == 200
        return len(seen)

    plans.cancel(chair, purchase=drafted(world))
    before = statements()
    for _ in range(2):
        plans.cancel(chair, purchase=drafted(world))
    assert statements() == before
