"""Keeping insurers and their seats; what a seat may see: the rolls told to its insurer, the files it brought."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from unionhall import rulebook
from unionhall.access.models import Account
from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.ledger.actions import register_payee
from unionhall.organisations.models import Organisation
from unionhall.records import attachments
from unionhall.records.actions import journal

from ..models import CoverRoll, Insurer, InsurerSeat, SettlementFile
from ..schemes.cover import PROGRAMMES
from .cover_rolls import keeper

__all__ = [
    "add_seat",
    "end_seat",
    "files_of",
    "named",
    "open_roll",
    "page_of",
    "rolls_of",
    "save_insurer",
    "seat_of",
]

EDIT, WORK = "benefits.insurers_edit", "benefits.insurance"
_WHY = "an insurer of the actor's own union; who may is asked here"
_OWN = "the reader's own seat, and what its insurer was told or brought"


def named(name: str) -> list[str]:
    """Covers for which a version that holds today names this insurer."""
    today = timezone.localdate()
    return [
        code
        for code in PROGRAMMES
        if any(one.holds_on(today) and one.parameters.insurer == name for one in rulebook.versions(code))
    ]


@transaction.atomic
def save_insurer(
    actor: Actor, *, organisation: Organisation, insurer: Insurer | None, given: dict[str, Any],
    bank: str = "", number: str = "",
) -> Insurer:  # fmt: skip
    """Enter or change an insurer. Refused: a cover for which no scheme names it, or whose rolls another union makes.

    What it has stays its own when schemes name another, and a suspended one is asked for nothing until it is back. A
    bank account given takes the former's place; premiums of units' plans go there.
    """
    actor.require(EDIT, *organisation.paths)
    if insurer is not None:
        actor.require(EDIT, *insurer.organisation.paths)
    found = Insurer(organisation=organisation) if insurer is None else _locked(insurer)
    at_work, name = found.pk is not None and not found.suspended, found.name
    covered = set(found.programmes)
    for field, value in given.items():
        setattr(found, field, value)
    if not found.suspended:
        _check(found, added=set(found.programmes) - (covered if at_work and found.name == name else set()))
    if bank.strip() or number.strip():
        found.payee = register_payee(
            actor, person=None, bank=bank, number=number, holder=found.name, relation="承保机构"
        )
    try:
        with transaction.atomic():
            found.save()
    except IntegrityError:
        raise Refused("已有同名的机构，请在原机构上修改。", "name") from None
    detail = {"programmes": found.programmes, "settles": found.settles, "suspended": found.suspended}
    journal(actor, "benefits.insurer_saved", subject=found, paths=organisation.paths, detail=detail)
    return found


def _locked(insurer: Insurer) -> Insurer:
    rows = Insurer.objects.everywhere(reason=_WHY).select_for_update(of=("self",))
    return rows.select_related("organisation").get(pk=insurer.pk)


def _check(insurer: Insurer, *, added: set[str]) -> None:
    """What an insurer at work has to be: of the union that makes the rolls, named by schemes for what is added."""
    if insurer.programmes and insurer.organisation_id != (top := keeper()).pk:
        raise Refused(
            f"投保名单由{top.name}生成，由它登记承保机构；这里只登记报送医保结算的机构。", "programmes"
        )
    if added - set(named(insurer.name)):
        raise Refused("施行中的方案没有写明由它承保。名称要和方案里的承保单位一字不差。", "programmes")
    if not insurer.programmes and not insurer.settles:
        raise Refused("请选择它承保的保障，或者勾选报送医保结算。", "programmes")


@transaction.atomic
def add_seat(actor: Actor, *, insurer: Insurer, account: Account) -> InsurerSeat:
    """Tie an account that holds the insurers' role to an insurer, from now on."""
    union = insurer.organisation
    actor.require(EDIT, *union.paths)
    try:
        with transaction.atomic():
            found = InsurerSeat.objects.create(insurer=insurer, account=account, given_by=actor.name)
    except IntegrityError:
        raise Refused("这个账号已有承办席位。请先在原机构停用。", "username") from None
    journal(
        actor, "benefits.insurer_seat_added", subject=found, label=insurer.name, paths=union.paths,
        detail={"account": account.pk},
    )  # fmt: skip
    return found


@transaction.atomic
def end_seat(actor: Actor, *, seat: InsurerSeat) -> None:
    """From now on the account sees nothing of the insurer; what it brought stays."""
    union = seat.insurer.organisation
    actor.require(EDIT, *union.paths)
    rows = InsurerSeat.objects.everywhere(reason=_WHY).filter(pk=seat.pk, until=None)
    if not rows.update(until=timezone.now()):
        raise Refused("这个席位已经停用。")
    journal(
        actor, "benefits.insurer_seat_ended", subject=seat, label=seat.insurer.name, paths=union.paths,
        detail={"account": seat.account_id},
    )  # fmt: skip


def seat_of(actor: Actor) -> InsurerSeat | None:
    """The seat at which the actor works now; None without one, or while the insurer is suspended."""
    if actor.account_id is None or not actor.access.prefixes(WORK):
        return None
    rows = InsurerSeat.objects.everywhere(reason=_OWN).select_related("insurer__organisation")
    return rows.filter(account=actor.account_id, until=None, insurer__suspended=False).first()


def rolls_of(insurer: Insurer) -> ScopedQuerySet[CoverRoll]:
    """Rolls that are ready, of its covers, and that were made out to it: not those of an insurer before it."""
    rows = CoverRoll.objects.everywhere(reason=_OWN)
    return rows.filter(
        organisation=insurer.organisation_id, programme__in=insurer.programmes, insurer=insurer.name,
        state=CoverRoll.State.READY,
    )  # fmt: skip


def files_of(insurer: Insurer) -> ScopedQuerySet[SettlementFile]:
    """Settlement files that it brought itself."""
    return SettlementFile.objects.everywhere(reason=_OWN).filter(sender=insurer)


def page_of(file: SettlementFile) -> str:
    """Where whoever brought a file follows it."""
    return f"/partner/insurance/files/{file.pk}/" if file.sender_id else f"/desk/medical/{file.pk}/"


def open_roll(actor: Actor, *, roll: CoverRoll) -> Iterator[bytes]:
    """The file of a roll, for the insurer itself. Journalled before the first byte: it holds whole numbers."""
    seat = seat_of(actor)
    if seat is None or roll.file is None or not rolls_of(seat.insurer).filter(pk=roll.pk).exists():
        raise NotAllowed(WORK)
    journal(
        actor, "benefits.cover_roll_fetched", subject=roll, label=str(roll), paths=roll.organisation.paths,
        digest=roll.digest, detail={"insurer": seat.insurer_id, "seat": seat.pk},
    )  # fmt: skip
    return attachments.chunks(roll.file)
