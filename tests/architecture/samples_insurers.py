"""Samples of insurers: one of the federation with a seat, a roll made out to it, a file that it brought."""

from collections.abc import Callable
from typing import Any

from tests.world import World
from unionhall.benefits.models import Insurer, InsurerSeat, SettlementFile

from .sample import UNION, Sample
from .samples_cover import roll
from .samples_medical import file

SEAT = "insurer"


def insurer(world: World, union: str = UNION, name: str = "示例保险公司") -> Insurer:
    return Insurer.objects.create(
        organisation=world.unions[union], name=name, programmes=["cover_third"], settles=True
    )


def seat(world: World, of: Insurer | None = None) -> InsurerSeat:
    return InsurerSeat.objects.create(
        insurer=of or insurer(world), account=world.accounts[SEAT], given_by="示例"
    )


def told(world: World) -> Sample:
    """A roll of the federation, which the seat of the insurer it is made out to may open."""
    made = roll(world)
    seat(world, insurer(world, "province", made.insurer))
    return Sample({"pk": made.pk}, owner=SEAT)


def brought(world: World) -> Sample:
    found: SettlementFile = file(world)
    found.sender = seat(world).insurer
    found.save(update_fields=["sender"])
    return Sample({"pk": found.pk}, owner=SEAT)


def at_desk(make: Callable[[World], Any]) -> Callable[[World], Sample]:
    return lambda world: Sample({"pk": make(world).pk}, world.unions[UNION].paths)


#: Address → its sample.
INSURERS: dict[str, Callable[[World], Sample]] = {
    "partner_roll_download": told,
    **dict.fromkeys(
        ("partner_settlement", "partner_settlement_progress", "partner_settlement_faults"), brought
    ),
    **dict.fromkeys(("desk_insurer", "desk_insurer_edit", "desk_insurer_seat_new"), at_desk(insurer)),
    "desk_insurer_seat_end": at_desk(seat),
}
