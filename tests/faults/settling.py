"""Acts of a settlement file: two settlements for each of two hundred people, worked out by the job worker."""

from __future__ import annotations

import asyncio
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import groupby
from pathlib import Path
from time import sleep
from typing import Any

WHY = "faults"
PROGRAMME = "medical_aid"
NUMBER = "killed"
#: Lines of one transaction: a file of four hundred has many.
CHUNK = 50
PEOPLE = 200


def _year() -> int:
    """One that is over, whatever day it is."""
    from django.utils import timezone

    return timezone.localdate().year - 1


def settlements(folder: str) -> list[int]:
    """A budget, and a file that is checked and given to the job worker; answers its number and its lines."""
    from unionhall.benefits.actions.medical import checking, receiving
    from unionhall.foundation.actors import system_actor
    from unionhall.ledger import actions
    from unionhall.members.models import Membership
    from unionhall.organisations.models import Organisation

    actor, year = system_actor(), _year()
    top = Organisation.objects.everywhere(reason=WHY).active().order_by("path")[0]
    actions.open_budget(actor, organisation=top, programme=PROGRAMME, year=year, amount=100_000_000)
    members = Membership.objects.everywhere(reason=WHY).current().filter(joined_on__lt=date(year, 1, 1))
    people = list(members.order_by("person").select_related("person")[:PEOPLE])
    rows, total = ["结算号,结算日期,姓名,证件类型,证件号码,个人自付金额,病种"], 0
    for turn, base in enumerate((900, 3000)):
        for place, one in enumerate(people):
            spent = base + place * 79 % 5000
            total += spent
            who = f"{one.person.name},{one.person.id_type},{one.person.id_number.reveal()}"
            rows.append(f"K{turn}{place:04d},{year}-05-1{turn},{who},{spent},肺炎")
    path = Path(folder) / "settlements.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    file = receiving.receive(
        actor, organisation=top, path=path, name=path.name, number=NUMBER, insurer="试验医保局", year=year,
        stated_rows=len(rows) - 1, stated_total=Decimal(total), queue=False,
    )  # fmt: skip
    file = checking.check(file.pk)
    assert file.state == "checked", file.message
    receiving.start(actor, file=file)
    return [file.pk, file.rows]


def work_settlements(marker: str = "", chunks: int = 0) -> None:
    """The job worker. With a marker it stops in the transaction of the chunk after so many, which is all written."""
    from procrastinate.contrib.django import app

    from unionhall.benefits.actions.medical import adjudicating, running
    from unionhall.benefits.actions.medical.paying import tell_results
    from unionhall.foundation.jobs import worker_connector

    left = iter(range(chunks))

    def held(granted_lines: Any) -> int:
        if marker and next(left, None) is None:
            Path(marker).touch()
            sleep(60)
        return tell_results(granted_lines)

    vars(adjudicating)["tell_results"] = held
    vars(running)["adjudicate"] = partial(running.adjudicate, chunk=CHUNK)

    async def run(connected: Any) -> None:
        async with connected.open_async():
            await connected.run_worker_async(queues=["intake"], wait=False, install_signal_handlers=False)

    with app.replace_connector(worker_connector()) as connected:
        asyncio.run(run(connected))


def settled(file: int) -> dict[str, Any]:
    """What stands of a file, every fault of the books, and every line whose sum does not follow from the one before."""
    from unionhall.benefits.models import SettlementFile, SettlementLine
    from unionhall.ledger.checking import audit
    from unionhall.ledger.models import Entry, Payment
    from unionhall.records.models import JournalEntry
    from unionhall.rulebook.models import Decision

    rows = SettlementLine.objects.everywhere(reason=WHY).filter(file=file).exclude(outcome="")
    lines = list(rows.select_related("decision__version").order_by("person", "pk"))
    payments = Payment.objects.everywhere(reason=WHY).filter(budget__programme=PROGRAMME)
    told = JournalEntry.objects.everywhere(reason=WHY).filter(action="ledger.due_many")
    return {
        "state": str(SettlementFile.objects.everywhere(reason=WHY).get(pk=file).state),
        "lines": len(lines),
        "granted": sum(line.outcome == "granted" for line in lines),
        "amount": str(sum((line.amount for line in lines), Decimal(0))),
        "paid": str(sum(payments.values_list("amount", flat=True), Decimal(0))),
        "payments": payments.count(),
        "entries": Entry.objects.everywhere(reason=WHY).filter(programme=PROGRAMME, move="due").count(),
        "decisions": Decision.objects.everywhere(reason=WHY).filter(programme=PROGRAMME).count(),
        "journal": sum(
            entry.detail["count"] for entry in told if entry.detail.get("purpose") == PROGRAMME
        ),
        "wrong": [str(one) for one in audit()] + _wrong(lines),
    }  # fmt: skip


def _wrong(lines: list[Any]) -> list[str]:
    """Each decision worked out again, and the year's sums that it was given beside those of the lines before it."""
    from unionhall.rulebook.decisions import replay

    found = []
    for _, group in groupby(lines, key=lambda line: line.person_id):
        paid = Decimal(0)
        for line in group:
            again = replay(line.decision)
            if not again.same or again.now.amount != line.amount or Decimal(again.inputs["paid"]) != paid:
                found.append(line.number)
            paid += line.amount
    return found
