"""What tests of legal aid start from: a body of the east district, lawyers of the city, an application."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from tests.world import World
from unionhall.cases.actions import aid
from unionhall.cases.models import AidDuty, Lawyer, LegalAid, LegalAidBody
from unionhall.foundation.actors import Actor


def body(world: World) -> LegalAidBody:
    return LegalAidBody.objects.create(
        organisation=world.unions["east"], name="江东区职工法律援助中心", division="420103", address="江东大道 1 号",
        telephone="027-12351", weekdays=[1, 2, 3, 4, 5], since=timezone.localdate() - timedelta(days=400),
    )  # fmt: skip


def lawyer(
    world: World, name: str = "陆思远", *, union: str = "river_city", account: str = "", **more: Any
) -> Lawyer:
    facts: dict[str, Any] = {
        "organisation": world.unions[union], "name": name, "licence": f"14201{abs(hash(name)) % 10**12:012d}",
        "firm": "江城正和律师事务所", "divisions": ["420103"], "skills": ["wages"], "most": 5, "most_firms": 10,
        "since": timezone.localdate() - timedelta(days=300),
    } | more  # fmt: skip
    if account:
        facts["account"] = world.accounts[account]
    return Lawyer.objects.create(**facts)


def asked(world: World, **more: Any) -> aid.Application:
    facts: dict[str, Any] = {
        "cause": "wages", "form": "3", "statement": "拖欠我三个月工资，共两万四千元，电话 13812345678。",
        "employer": world.employers["alpha"], "amount": Decimal(24000), "is_migrant": True, "division": "420103001",
    } | more  # fmt: skip
    return aid.Application(**facts)


def applied(world: World, actor: Actor | None = None, **more: Any) -> LegalAid:
    who = actor or world.actor("worker_alpha")
    return aid.apply(who, person=world.people["alpha_1"], asked=asked(world, **more), channel="0")


def officer(world: World) -> Actor:
    """Handles cases of the east district: the city's officer for rights."""
    return world.actor("river_rights")


def on_duty(place: LegalAidBody, lawyers: list[Lawyer], weekday: int) -> None:
    AidDuty.objects.bulk_create([AidDuty(body=place, lawyer=one, weekday=weekday) for one in lawyers])
