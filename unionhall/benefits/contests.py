"""Contests in trades that have no certificate: who came in far enough holds what a certificate would be worth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from unionhall import rulebook
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.sm import sm3_hex

from . import certificates, entitlements
from .certificates import OF_CONTESTS, Listed
from .models import Certificate
from .rules.subsidy import contest_level
from .schemes.subsidy import CareerCatalogue, CareerScheme

PERMISSION = "benefits.certificates"
STAGES = {"final": "决赛", "semifinal": "复赛"}


@dataclass(frozen=True)
class Placed:
    """Somebody's place in a contest."""

    place: int
    name: str
    id_number: str
    id_type: str = "01"


@dataclass(frozen=True)
class Contest:
    """A contest as its organiser reports it."""

    title: str
    organiser: str
    occupation: str
    stage: str
    entrants: int
    held_on: date


def is_contest(certificate: Certificate) -> bool:
    return certificate.number.startswith(OF_CONTESTS)


def trades(division: str, on: date) -> tuple[str, ...]:
    """Trades without a certificate that the catalogue of a day names."""
    return rulebook.scheme(CareerCatalogue, on=on, division=division).parameters.uncertified


@transaction.atomic
def register(actor: Actor, *, contest: Contest, placed: Sequence[Placed], division: str) -> tuple[int, int]:
    """Enter those who came in far enough; answers how many did, and how many of them are new.

    The rule is that of the scheme in force on the day. Refused where nobody did, or the trade has certificates.
    """
    actor.require(PERMISSION, entitlements.top())
    if contest.occupation not in trades(division, contest.held_on):
        raise Refused("目录里没有这个工种，或者它有职业证书，应凭证书申请。", "occupation")
    scheme = rulebook.scheme(CareerScheme, on=contest.held_on, division=division).parameters
    code = sm3_hex(f"{contest.title}|{contest.occupation}|{contest.stage}|{contest.held_on}".encode())[
        :8
    ].upper()
    listed = []
    for one in placed:
        level = contest_level(scheme, stage=contest.stage, entrants=contest.entrants, place=one.place)
        if level:
            told = f"{contest.organiser}：{contest.title}{STAGES[contest.stage]}第 {one.place} 名"
            listed.append(
                Listed(
                    f"{OF_CONTESTS}{code}-{one.place:03d}",
                    one.name,
                    one.id_number,
                    contest.occupation,
                    level,
                    told[:120],
                    contest.held_on,
                    one.id_type,
                )
            )
    if not listed:
        raise Refused("按参赛人数和名次，没有人可以按竞赛成绩申请。请核对人数、赛段和名次。", "entrants")
    return len(listed), certificates.register(actor, listed=listed)
