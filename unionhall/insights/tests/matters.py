"""Persons' matters that figures count, written straight into the tables."""

from decimal import Decimal

from django.utils import timezone

from tests.world import World
from unionhall.benefits.models import SettlementLine


def granted(world: World, who: str, amount: str, times: int = 1) -> None:
    """So many settlements of a person that medical aid was granted for, this year."""
    for _ in range(times):
        number = SettlementLine.objects.everywhere(reason="test").count()
        SettlementLine.objects.create(
            number=f"S{number}", settled_on=timezone.localdate(), person=world.people[who], state="matched",
            outcome="granted", amount=Decimal(amount), path=world.unions["river_city"].path,
        )  # fmt: skip
