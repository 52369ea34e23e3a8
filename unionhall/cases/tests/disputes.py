"""Disputes for tests: one of the worker of alpha, a body with two mediators, a partner with a seat."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from tests.world import World
from unionhall.access.models import Account
from unionhall.cases.actions import core, disputes, mediation, mediation_agreements, referrals
from unionhall.cases.models import (
    Case,
    CaseText,
    MediationBody,
    Mediator,
    PartnerBody,
    PartnerSeat,
    Referral,
)
from unionhall.cases.rules.disputes import Promise
from unionhall.cases.schemes.disputes import CAUSES
from unionhall.foundation.actors import Actor, system_actor

UNION = "alpha"
WORKER = "worker_alpha"


def dispute(world: World, **more: Any) -> Case:
    """Filed by the worker on the phone, in the union alpha."""
    claim: dict[str, Any] = {
        "cause": "wages",
        "claim": "支付四月至六月工资 12000 元",
        "knew_on": timezone.localdate() - timedelta(days=20),
        "amount": Decimal(12000),
    } | more
    case = disputes.file_dispute(
        world.actor(WORKER),
        claim=disputes.Claim(**claim),
        organisation=world.unions[UNION],
        channel="0",
        statement="公司说资金紧张，电话 13812345678。",
        person=world.people["alpha_1"],
        employer=world.employers[UNION],
        phone="13812345678",
    )
    assert case.cause in CAUSES
    return case


def body(world: World, union: str = UNION, kind: str = "street", **more: Any) -> MediationBody:
    return MediationBody.objects.create(
        organisation=world.unions[union], kind=kind, name=f"{world.unions[union].short_name}调解委员会",
        division=world.unions[union].division, since=date(2020, 1, 1), **more,
    )  # fmt: skip


def mediator(of: MediationBody, name: str = "方正", account: Account | None = None, **more: Any) -> Mediator:
    values = {"skills": ["wages"], "languages": ["mandarin"], "since": date(2020, 1, 1)} | more
    return Mediator.objects.create(body=of, name=name, account=account, **values)


def mediating(world: World) -> Case:
    """Accepted and in the hands of the mediator with the account."""
    case = dispute(world)
    if not Mediator.objects.everywhere(reason="test").filter(account=world.accounts["mediator"]).exists():
        mediator(body(world), account=world.accounts["mediator"])
    officer = system_actor("测试")
    core.move(officer, case, "accept")
    mediation.assign_mediator(officer, case=case)
    case.refresh_from_db()
    return case


def drafted(world: World, actor: Actor | None = None) -> Case:
    """With an agreement of two instalments that waits for signatures."""
    case, today = mediating(world), timezone.localdate()
    mediation_agreements.draft(
        actor or world.actor("mediator"), case=case, terms="一、公司支付所欠工资。\n二、双方再无其他争议。",
        amount=Decimal(12000),
        promises=[
            Promise(today + timedelta(days=5), Decimal(8000)), Promise(today + timedelta(days=35), Decimal(4000))
        ],
    )  # fmt: skip
    case.refresh_from_db()
    return case


def agreed(world: World) -> Case:
    """In force: the worker on the phone, the employer on paper, the mediator at his desk."""
    case = drafted(world)
    mediation_agreements.sign(world.actor(WORKER), case=case, side="worker")
    mediation_agreements.sign(
        world.actor("mediator"), case=case, side="employer", name="人事经理", on_paper=True
    )
    mediation_agreements.sign(world.actor("mediator"), case=case, side="mediator")
    case.refresh_from_db()
    return case


def partner(world: World, kind: str = "court", union: str = UNION) -> PartnerBody:
    return PartnerBody.objects.create(
        organisation=world.unions[union], kind=kind, kind_label="人民法院", name=f"江东区{kind}",
        division=world.unions[union].division,
    )  # fmt: skip


def seat(world: World, of: PartnerBody) -> PartnerSeat:
    return PartnerSeat.objects.create(body=of, account=world.accounts["agency"])


def referral(world: World, case: Case | None = None, *, whole: bool = False) -> Referral:
    """To the court, with a seat that the agency's account holds; the statement and some facts are shown."""
    where = partner(world)
    seat(world, where)
    found = case or dispute(world)
    if whole:
        core.move(system_actor("测试"), found, "accept")
    statement = CaseText.objects.everywhere(reason="test").filter(case=found, role="statement")
    return referrals.refer(
        system_actor("测试"), case=found, body=where, act="confirmation", asked="请依法确认调解协议",
        facts=("employer", "amount", "names"), texts=list(statement), whole=whole,
    )  # fmt: skip
