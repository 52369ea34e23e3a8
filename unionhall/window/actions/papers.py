"""Papers of earlier days: every row is kept as it was typed, checked, and settled one by one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import identity_index
from unionhall.kit.identifiers import IdentifierError, normalise_phone
from unionhall.kit.masking import hide_numbers
from unionhall.members.actions.persons import checked_name, read_document
from unionhall.members.models import Person
from unionhall.records.actions import journal
from unionhall.reviews.actions.submitting import PAPERS_WAIT

from ..matters import Matter, matter, standing_against
from ..models import Intake, PaperBatch, PaperRow, Reception
from ..places import SERVE, counter_of, organisation_of
from .receptions import receive
from .receptions import register as newcomer

_WHY = "papers of a batch that was loaded under scope; their people brought them"
Standing, Settled = PaperRow.Standing, PaperRow.Settled
SETTLED = "这份纸质材料已经处理过了，本次操作没有生效。"


@dataclass(frozen=True)
class Typed:
    """A row as it was typed."""

    paper_on: date
    matter: str
    name: str
    id_number: str
    phone: str = ""
    note: str = ""


@transaction.atomic
def enter(actor: Actor, *, rows: Sequence[Typed], note: str = "") -> PaperBatch:
    """Keep a batch and check each row. Raises Refused, naming the row, only for what cannot be read at all."""
    organisation = organisation_of(actor, counter_of(actor))
    actor.require(SERVE, *organisation.paths)
    if not rows:
        raise Refused("至少填写一行。")
    batch = PaperBatch.objects.create(
        organisation=organisation, note=hide_numbers(note.strip())[:100], account_id=actor.account_id or 0,
        account_name=actor.name[:80],
    )  # fmt: skip
    for number, typed in enumerate(rows, start=1):
        try:
            _keep(batch, number, typed)
        except Refused as refusal:
            raise Refused(f"第 {number} 行：{refusal}") from None
    journal(
        actor, "window.papers_entered", subject=batch, paths=organisation.paths, detail={"rows": len(rows)}
    )  # fmt: skip
    return batch


def _keep(batch: PaperBatch, number: int, typed: Typed) -> PaperRow:
    today = timezone.localdate()
    if typed.paper_on > today:
        raise Refused("材料日期不能晚于今天。")
    document = read_document("01", typed.id_number, today)
    try:
        phone = normalise_phone(typed.phone) if typed.phone.strip() else ""
    except IdentifierError as mistake:
        raise Refused(str(mistake)) from None
    index = identity_index("01", document.number)
    row = PaperRow(
        batch=batch, number=number, paper_on=typed.paper_on, matter=matter(typed.matter).code,
        name=checked_name(typed.name), id_number=document.number, id_index=index, phone=phone or None,
        note=hide_numbers(typed.note.strip())[:300],
    )  # fmt: skip
    check(row)
    row.save()
    return row


def check(row: PaperRow) -> None:
    """Who it is, and what speaks against filing it: set on the row, not saved."""
    people = Person.objects.everywhere(reason=_WHY)
    person = people.with_identity(row.id_type, row.id_number.reveal()).first()
    row.person = person
    one = matter(row.matter)
    if person is None:
        row.standing, row.because = Standing.UNKNOWN, "先登记此人，再受理。"
    elif person.name != row.name:
        row.standing, row.because = Standing.NAME, f"登记的姓名是{person.masked_name}，请对照证件核对。"
    else:
        row.standing, row.because = _against(one, person, row)


def _against(one: Matter, person: Person, row: PaperRow) -> tuple[str, str]:
    kind, number = standing_against(one, person, row.paper_on)
    if kind == "filed":
        return Standing.FILED, f"{one.title}已在办理：{number}"
    if kind == "decided":
        return Standing.DECIDED, f"材料日期之后已经办过：{number}"
    if row.paper_on < timezone.localdate() - PAPERS_WAIT:
        return Standing.BARRED, f"材料日期已超过 {PAPERS_WAIT.days} 天，不能按原日期受理，请与本人联系。"
    if kind == "open":
        return Standing.READY, f"此人另有在办的{one.title}：{number}，请先核对是不是同一件事。"
    return Standing.READY, ""


def hold(actor: Actor, row: PaperRow) -> PaperRow:
    rows = PaperRow.objects.everywhere(reason=_WHY).select_for_update(of=("self",))
    fresh = rows.select_related("batch__organisation", "person").get(pk=row.pk)
    actor.require(SERVE, *fresh.batch.organisation.paths)
    if fresh.settled:
        raise Refused(SETTLED)
    return fresh


@transaction.atomic
def recheck(actor: Actor, *, row: PaperRow) -> PaperRow:
    """Check again: somebody was registered, or the matter in the way is done."""
    fresh = hold(actor, row)
    check(fresh)
    fresh.save(update_fields=["person", "standing", "because"])
    return fresh


@transaction.atomic
def register(actor: Actor, *, row: PaperRow, agreed: bool) -> PaperRow:
    """Register the person of the paper, who agreed to it there in writing, and check again."""
    fresh = hold(actor, row)
    if (
        fresh.person_id is None
        and Person.objects.everywhere(reason=_WHY)
        .with_identity(fresh.id_type, fresh.id_number.reveal())
        .first()
        is None
    ):
        newcomer(
            actor, name=fresh.name, id_type=fresh.id_type, id_number=fresh.id_number.reveal(),
            phone=fresh.phone.reveal() if fresh.phone else "", agreed=agreed,
        )  # fmt: skip
    check(fresh)
    fresh.save(update_fields=["person", "standing", "because"])
    return fresh


@transaction.atomic
def begin(actor: Actor, *, row: PaperRow) -> Reception:
    """Receive the person of a row that may be filed, so that its matter can be taken with the paper's date."""
    fresh = hold(actor, row)
    check(fresh)
    fresh.save(update_fields=["person", "standing", "because"])
    if fresh.standing != Standing.READY or fresh.person is None:
        raise Refused(fresh.because or "这一行还不能受理。")
    return receive(actor, person=fresh.person, found_by=Reception.Found.PAPER)


@transaction.atomic
def settle(actor: Actor, *, row: PaperRow, how: str, because: str) -> PaperRow:
    """Merge it into the matter in the way, or give it back; the reason is kept. Filing settles by itself (`filed`)."""
    fresh = hold(actor, row)
    if how not in (Settled.MERGED, Settled.RETURNED):
        raise Refused("请选择怎样处理。", field="how")
    if len(because.strip()) < 4:
        raise Refused("请写明理由，至少 4 个字。", field="because")
    _settled(actor, fresh, how, hide_numbers(because.strip())[:200])
    return fresh


def filed(actor: Actor, *, row: PaperRow, intake: Intake) -> None:
    """The matter of the row was taken."""
    fresh = hold(actor, row)
    if intake.person_id != fresh.person_id or intake.matter != fresh.matter:
        raise Refused("受理的人或事项与纸质材料不一致。")
    fresh.intake = intake
    _settled(actor, fresh, Settled.FILED, "")


def _settled(actor: Actor, row: PaperRow, how: str, because: str) -> None:
    row.settled, row.settled_because, row.settled_by = how, because, actor.name[:80]
    row.settled_at = timezone.now()
    row.save()
    journal(
        actor, "window.paper_settled", subject=row, label=f"第 {row.number} 行", reason=because,
        paths=row.batch.organisation.paths, detail={"how": str(how), "batch": row.batch_id},
    )  # fmt: skip
