"""单位投保 of the demonstration: a list that a chair works on, one handed in, and the insurer's roll of this month."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

from unionhall.access.grants import actor_for
from unionhall.access.models import Account
from unionhall.benefits.actions import cover_rolls as rolls
from unionhall.benefits.actions import insurers, plans
from unionhall.benefits.models import Insurer, PlanPerson
from unionhall.foundation.actors import Actor, system_actor
from unionhall.ledger import actions as ledger
from unionhall.organisations.models import Organisation

if TYPE_CHECKING:
    from .work import Stage

__all__ = ["leave"]

WHY = "示范数据"
PROGRAMME, TIER = "plan_women", "one"
BUDGET = Decimal("300000.00")
#: The account is invented, as its bank is.
BANK, NUMBER = "示例银行", "6222020200112233446"


def leave(stage: Stage) -> None:
    """The express company's list is a draft, one member left out of it; the electronics company's waits for payment."""
    top = stage.union(stage.made.unions[0])
    express, electronics = stage.union(stage.story.express), stage.union(stage.story.electronics)
    offered = {one.programme: one for one in plans.on_offer(express, stage.today)}
    _money(stage, top, offered[PROGRAMME].parameters.insurer)
    chair = stage.actor("chair")
    draft = plans.start(chair, organisation=express, programme=PROGRAMME, tier=TIER, starts=stage.today)
    rows = PlanPerson.objects.everywhere(reason=WHY).filter(
        purchase=draft, standing=PlanPerson.Standing.LISTED
    )
    last = rows.order_by("-pk").values_list("pk", flat=True)[:1]
    plans.leave_out(chair, purchase=draft, people=list(last), reason="本人已投同类商业保险，不参加")
    other = _chair_of(electronics)
    handed = plans.start(other, organisation=electronics, programme=PROGRAMME, tier=TIER, starts=stage.today)
    plans.submit(other, purchase=handed, amount=plans.tally(handed).amount)
    asked = rolls.ask(stage.actor("province"), programme="cover_third", month=timezone.localdate())
    rolls.make(asked.pk)


def _money(stage: Stage, top: Organisation, name: str) -> None:
    """The budget of this year and the account to which premiums go."""
    ledger.open_budget(
        system_actor(WHY), organisation=top, programme=PROGRAMME, year=stage.today.year, amount=BUDGET
    )
    found = Insurer.objects.everywhere(reason=WHY).filter(name=name).first()
    given = {"name": name, "contact": "承保经办员", "telephone": "12351", "programmes": insurers.named(name)}
    insurers.save_insurer(
        stage.actor("province"), organisation=top, insurer=found, bank=BANK, number=NUMBER, given=given
    )


def _chair_of(union: Organisation) -> Actor:
    """Every chair's account is named by the code of the union."""
    return actor_for(Account.objects.get(username=union.code), "seed")
