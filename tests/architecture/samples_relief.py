"""A hardship file of the union `alpha`, its worker's; an aid on it; a batch for civil affairs."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

from tests.world import World
from unionhall.benefits.actions import relief
from unionhall.benefits.actions.relief.applying import CONSENT
from unionhall.benefits.models import Aid, CivilCheck, HardshipFile, HardshipPaper, HardshipVisit
from unionhall.members import consents
from unionhall.records import attachments


def file(world: World) -> HardshipFile:
    person = world.people["alpha_1"]
    consents.give(world.actor("worker_alpha"), person=person, purpose=CONSENT)
    found = relief.apply(
        world.actor("worker_alpha"), person=person, relatives=[], income=Decimal(0), expense=Decimal(0),
        main_cause="job", housing="own",
    )  # fmt: skip
    HardshipFile.objects.everywhere(reason="sample").filter(pk=found.pk).update(stage="approved")
    return found


def aid(world: World) -> Aid:
    one = file(world)
    return Aid.objects.create(
        file=one, person=one.person, household_key=one.household.key, organisation=one.organisation,
        programme="warmth", year=2026, amount=1, granted_by="示例",
    )  # fmt: skip


def check(world: World) -> CivilCheck:
    return CivilCheck.objects.create(
        number="HD20260101000001", organisation=world.unions["alpha"], made_by="示例"
    )


def paper(world: World) -> HardshipPaper:
    one = file(world)
    kept = attachments.store(
        world.actor("worker_alpha"), BytesIO(b"%PDF-1.4 sample"), name="工资单.pdf",
        content_type="application/pdf", purpose="benefits.relief_paper", paths=one.organisation.paths,
    )  # fmt: skip
    return HardshipPaper.objects.create(
        file=one, code="income", label="收入证明", attachment=kept, added_by="示例"
    )


def authorisation(world: World) -> HardshipVisit:
    one = file(world)
    kept = attachments.store(
        world.actor("chair_alpha"), BytesIO(b"%PDF-1.4 sample"), name="授权书.pdf",
        content_type="application/pdf", purpose="benefits.relief_authorisation", paths=one.organisation.paths,
    )  # fmt: skip
    return HardshipVisit.objects.create(
        file=one, kind="first", on=date(2026, 1, 1), visitors="示例", findings="示例", authorisation=kept,
        recorded_by="示例",
    )  # fmt: skip


_FILE = (
    "file", "visit", "figures", "explain", "helper", "aid", "verify", "exit", "exit_publicise", "exit_drop",
    "reopen", "health",
)  # fmt: skip
#: Address → what makes its arguments; all stand in the union.
RELIEF: dict[str, Callable[[World], dict[str, Any]]] = {
    **{f"desk_relief_{name}": lambda world: {"pk": file(world).pk} for name in _FILE},
    "desk_relief_unfiled": lambda world: {"pk": world.people["alpha_1"].pk},
    **dict.fromkeys(("desk_relief_paper", "m_relief_paper"), lambda world: {"pk": paper(world).pk}),
    "desk_relief_authorisation": lambda world: {"pk": authorisation(world).pk},
    "desk_relief_aid_revoke": lambda world: {"pk": aid(world).pk},
    **dict.fromkeys(
        ("desk_relief_check", "desk_relief_check_download"), lambda world: {"slug": check(world).number}
    ),
}
