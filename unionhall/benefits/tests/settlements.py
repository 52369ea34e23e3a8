"""Setting the scene for medical mutual aid: a budget, files written on the spot, short words for the verbs."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from tests.world import World
from unionhall.benefits.actions.medical import checking, receiving, running
from unionhall.benefits.models import SettlementFile, SettlementLine
from unionhall.foundation.actors import system_actor
from unionhall.ledger import actions
from unionhall.ledger.actions.posting import entry_key, open_book
from unionhall.ledger.models import Budget, LedgerAccount, Move, Payment
from unionhall.members.models import Card, Person

SYSTEM = system_actor()
WHY = "test"
HEADING = "结算号,结算日期,姓名,证件号码,个人自付金额,病种"
#: Every settlement of these tests lies in one year that is over, whatever day the tests run on.
YEAR = timezone.localdate().year - 1


@dataclass(frozen=True)
class Settled:
    """A row of a file; `who` is a name of the test world, or whole words of one's own."""

    number: str
    who: str
    selfpay: str
    on: str = f"{YEAR}-03-02"
    name: str = ""
    id_number: str = ""


def budget(world: World, amount: int = 1_000_000, year: int = YEAR) -> Budget:
    return actions.open_budget(
        SYSTEM, organisation=world.unions["river_city"], programme="medical_aid", year=year, amount=amount,
    )  # fmt: skip


def cards(world: World) -> None:
    """Everyone in the world holds a card: the plan asks for one."""
    for number, person in enumerate(world.people.values()):
        if not Card.objects.everywhere(reason=WHY).filter(person=person).exists():
            Card.objects.create(person=person, number=f"99{number:014d}", issued_on=date(2020, 1, 1))


def written(world: World, path: Path, rows: list[Settled]) -> tuple[int, Decimal]:
    """Write a CSV; answers its control totals."""
    lines, total = [HEADING], Decimal(0)
    for row in rows:
        person: Person | None = world.people.get(row.who)
        name = row.name or (person.name if person else "无名氏")
        number = row.id_number or (person.id_number.reveal() if person else "")
        lines.append(f"{row.number},{row.on},{name},{number},{row.selfpay},肺炎")
        total += Decimal(row.selfpay)
    path.write_text("\n".join(lines) + "\n")
    return len(rows), total


def born(world: World) -> date:
    """The birthday of alpha_1."""
    day = world.people["alpha_1"].birth
    assert day is not None
    return day


def received(
    world: World, tmp_path: Path, rows: list[Settled], number: str = "B1", **more: Any
) -> SettlementFile:
    path = tmp_path / f"{number}.csv"
    count, total = written(world, path, rows)
    facts: dict[str, Any] = {
        "stated_rows": count,
        "stated_total": total,
        "year": YEAR,
        "insurer": "江城市医保局",
    } | more
    return receiving.receive(
        SYSTEM, organisation=world.unions["river_city"], path=path, name=path.name, number=number, queue=False,
        **facts,
    )  # fmt: skip


def checked(
    world: World, tmp_path: Path, rows: list[Settled], number: str = "B1", **more: Any
) -> SettlementFile:
    return checking.check(received(world, tmp_path, rows, number, **more).pk)


def settled(
    world: World, tmp_path: Path, rows: list[Settled], number: str = "B1", **more: Any
) -> SettlementFile:
    """A file brought in, checked and worked out."""
    file = checked(world, tmp_path, rows, number, **more)
    receiving.start(SYSTEM, file=file, queue=False)
    return running.adjudicate(file.pk, chunk=2)


def lines(file: SettlementFile) -> dict[str, SettlementLine]:
    rows = SettlementLine.objects.everywhere(reason=WHY).filter(file=file).order_by("pk")
    return {line.number: line for line in rows}


def line_of(number: str) -> SettlementLine:
    """The line of a settlement that holds now."""
    found = SettlementLine.objects.everywhere(reason=WHY).current().filter(number=number, state="matched")
    return found.get()


def payments() -> dict[str, Decimal]:
    """Live payments by key."""
    rows = Payment.objects.everywhere(reason=WHY).live()
    return {row.key: row.amount for row in rows}


def paid_in_all() -> Decimal:
    return sum(payments().values(), Decimal("0.00"))


def balances(found: Budget) -> dict[str, Decimal]:
    """The balances other than zero."""
    rows = LedgerAccount.objects.everywhere(reason=WHY).filter(budget=found)
    return {account.kind: account.balance for account in rows if account.balance}


def bank_paid(key: str) -> Payment:
    """As if the bank had answered that a due payment arrived: booked as the ledger books it."""
    payment = Payment.objects.everywhere(reason=WHY).get(key=key)
    with transaction.atomic():
        book = open_book(payment.budget_id)
        book.move(
            Move.PAID, entry_key("P", payment.pk, "paid"), payment.amount, person_id=payment.person_id,
            payment=payment,
        )  # fmt: skip
    payment.state = Payment.State.PAID
    payment.save(update_fields=["state"])
    return payment
