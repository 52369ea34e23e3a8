"""Samples of medical mutual aid: a file of the union `alpha`, its worker's settlement, an exception, his claim."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

from django.utils import timezone

from tests.world import World
from unionhall.benefits.models import MedicalClaim, MedicalPaper, SettlementFile, SettlementLine
from unionhall.foundation.actors import system_actor
from unionhall.records import attachments
from unionhall.reviews.models import Review


def file(world: World, state: str = "checked") -> SettlementFile:
    return SettlementFile.objects.create(
        organisation=world.unions["alpha"], number="S1", insurer="示例医保局", year=2026, kind="csv", digest="0" * 64,
        stated_rows=1, stated_total=100, rows=1, total=100, state=state, uploaded_by="示例",
        checked_at=timezone.now(),
    )  # fmt: skip


def line(world: World, **facts: Any) -> SettlementLine:
    values: dict[str, Any] = {
        "person": world.people["alpha_1"],
        "state": "matched",
        "outcome": "refused",
    } | facts
    return SettlementLine.objects.create(
        file=file(world), row=2, number="A1", settled_on=date(2026, 1, 5), path=world.unions["alpha"].path,
        selfpay="100.00", details='{"name": "张海林"}', **values,
    )  # fmt: skip


def claim(world: World, review: Callable[[World], Review]) -> MedicalClaim:
    found = MedicalClaim.objects.create(
        person=world.people["alpha_1"], organisation=world.unions["alpha"], review=review(world), number="A1",
        settled_on=date(2026, 1, 5), selfpay="100.00", consented_at=timezone.now(),
    )  # fmt: skip
    stored = attachments.store(
        system_actor(), BytesIO(b"%PDF-1.4 sample"), name="x.pdf", content_type="application/pdf",
        purpose="benefits.medical", paths=world.unions["alpha"].paths,
    )  # fmt: skip
    MedicalPaper.objects.create(claim=found, code="settlement", label="结算单", file=stored)
    return found


def exception(world: World) -> SettlementLine:
    return line(world, state="exception", outcome="", reason="other_year")


#: Address → what makes the object its number names.
BY_PK: dict[str, Callable[[World], Any]] = {
    **dict.fromkeys((f"desk_medical_{verb}" for verb in ("file", "progress", "faults", "start")), file),
    "desk_medical_restart": lambda world: file(world, "adjudicating"),
    "desk_medical_line": line,
    "m_medical_line": line,
    **dict.fromkeys((f"desk_medical_{verb}" for verb in ("match", "accept", "dismiss", "take")), exception),
}
