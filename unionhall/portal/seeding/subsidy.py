"""助推补贴 in the demonstration: certificates in the registry's copy, the year's money, applications at every stage."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from unionhall import rulebook
from unionhall.benefits import certificates
from unionhall.benefits.actions import subsidy
from unionhall.benefits.models import CareerApplication
from unionhall.benefits.schemes.subsidy import CareerCatalogue
from unionhall.foundation.actors import system_actor
from unionhall.ledger.actions import open_budget
from unionhall.members.models import Membership, Person
from unionhall.organisations.models import Organisation
from unionhall.reviews import actions as reviewing
from unionhall.reviews.models import ReviewStep

from . import clock

if TYPE_CHECKING:
    from .work import Stage

__all__ = ["BUDGET", "leave"]

WHY = "示范数据"
#: A year's money of the seed's programme: 100 million yuan.
BUDGET = 100_000_000
ISSUERS = ("武汉市职业技能鉴定指导中心", "湖北省职业技能鉴定指导中心")
#: How many working days ago each applied, and how many steps have been passed since.
APPLIED = ((0, 0), (2, 0), (4, 1), (9, 2), (15, 3), (16, 3), (17, 3))


def leave(stage: Stage) -> None:
    city = Organisation.objects.everywhere(reason=WHY).get(pk=stage.story.city.id)
    open_budget(
        system_actor("示范"),
        organisation=city,
        programme=subsidy.PURPOSE,
        year=stage.today.year,
        amount=BUDGET,
    )
    members = stage.members(stage.story.electronics, 40)
    _certify(stage, [row.person for row in members])
    for membership, (days, steps) in zip(members, APPLIED, strict=False):
        _bring(stage, membership, days, steps)


def _certify(stage: Stage, people: list[Person]) -> None:
    """Every one of them has a certificate, half of them at the levels that are worth something, some too long ago."""
    holder = Person.objects.everywhere(reason=WHY).filter(account=stage.opened.accounts.get("member")).first()
    listed = [_certificate(stage, person, number) for number, person in enumerate(people)]
    if holder is not None:
        listed.append(_certificate(stage, holder, len(listed), level="2", days=45))
    certificates.register(system_actor("示范"), listed=listed)


def _certificate(
    stage: Stage, person: Person, number: int, level: str = "", days: int = 0
) -> certificates.Listed:
    names = rulebook.scheme(CareerCatalogue, on=stage.today).parameters.occupations
    issued: date = stage.today - timedelta(days=days or stage.random.randrange(60, 340))
    return certificates.Listed(
        number=f"S0000{issued:%y%m}{number:06d}",
        holder=person.name,
        id_type=person.id_type,
        id_number=person.id_number.reveal(),
        occupation=stage.random.choice(names),
        level=level or ("2" if number % 3 else "1") if number < len(APPLIED) else str(1 + number % 5),
        issuer=ISSUERS[number % len(ISSUERS)],
        issued_on=issued,
    )


def _bring(stage: Stage, membership: Membership, days: int, steps: int) -> None:
    """An application so many working days ago, and as many steps of its review as were passed."""
    person = membership.person
    held = certificates.held_by(person)
    with clock.at(stage.days_ago(days)):
        one: CareerApplication = subsidy.apply(stage.worker(person), person=person, number=held[0].number)
    for passed in range(steps):
        rows = ReviewStep.objects.everywhere(reason=WHY).select_related("organisation")
        step = rows.get(review=one.review, is_current=True)
        with clock.at(stage.days_ago(max(0, days - 3 * passed - 1))):
            reviewing.approve(stage.decider(step), step=step, opinion="证书与查询库一致。")
