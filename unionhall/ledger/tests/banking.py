"""A bank for tests: accounts of people, a batch on its way, and answers to its file."""

from collections.abc import Sequence
from io import BytesIO

from tests.world import World
from unionhall.kit.sm import sm3_hex
from unionhall.ledger import actions
from unionhall.ledger.actions.answering import Taken
from unionhall.ledger.models import Budget, Payee, Payment, PaymentBatch
from unionhall.members.models import Person
from unionhall.records import attachments

from .money import SYSTEM, WHY, pay


def card(serial: int) -> str:
    """A made-up card number with its check digit."""
    body = f"621799{serial:012d}"
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
    return body + str(-sum(value - 9 if value > 9 else value for value in doubled) % 10)


def payee(person: Person, serial: int = 0) -> Payee:
    return actions.register_payee(SYSTEM, person=person, bank="江城银行", number=card(serial or person.pk))


def batch_of(world: World, budget: Budget, *names: str, amount: int = 100) -> PaymentBatch:
    """A batch with a payment for each of these people (who get accounts), still being made."""
    for number, name in enumerate(names):
        payee(world.people[name])
        pay(world, budget, f"{name}:{amount}:{number}", amount + number, who=name)
    return actions.make_batch(world.actor("river_officer"), organisation=world.unions["river_city"])


def sent(world: World, batch: PaymentBatch) -> PaymentBatch:
    """Handed over, checked by the leader, and written for the bank."""
    maker = world.actor("river_officer")
    actions.submit_batch(maker, batch=batch)
    actions.check_batch(world.actor("leader"), batch=batch, approve=True)
    return actions.bank_file(maker, batch=batch)


def payments(batch: PaymentBatch) -> list[Payment]:
    return list(Payment.objects.everywhere(reason=WHY).filter(batch=batch).order_by("pk"))


def answer(
    batch: PaymentBatch,
    rows: Sequence[Sequence[object]],
    *,
    count: int | None = None,
    total: str | None = None,
    digest: bool = False,
) -> bytes:
    """A result file. Each row: payment number, sum, result, reason."""
    lines = [f"H,UNIONHALL-RESULT,1,{batch.number},20261122\r\n"]
    for number, row in enumerate(rows, start=1):
        lines.append(",".join(["D", str(number), *map(str, row)]) + "\r\n")
    shown = f"{sum(float(str(row[1])) for row in rows):.2f}" if total is None else total
    body = "".join(lines).encode()
    mark = f",{sm3_hex(body)}" if digest else ""
    return body + f"T,{len(rows) if count is None else count},{shown}{mark}\r\n".encode()


def all_paid(batch: PaymentBatch) -> bytes:
    return answer(batch, [(one.number, one.amount, "成功", "") for one in payments(batch)], digest=True)


def take(world: World, batch: PaymentBatch, content: bytes) -> Taken:
    return actions.take_return_file(
        world.actor("river_officer"), batch=batch, source=BytesIO(content), name="回盘.csv"
    )


def file_of(batch: PaymentBatch) -> str:
    assert batch.file is not None
    return b"".join(attachments.chunks(batch.file)).decode()
