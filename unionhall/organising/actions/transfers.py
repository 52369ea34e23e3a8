"""会籍转接: started by either union or the worker, agreed to by the worker, decided by both unions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.members.hands import hands
from unionhall.members.models import Membership, Person, RosterBatch, RosterRow
from unionhall.organisations.models import Organisation
from unionhall.organisations.tree import as_it_stands
from unionhall.records.actions import journal, notify
from unionhall.records.models import Attachment
from unionhall.reviews.actions import StepPlan, StepRule, plan, submit, withdraw
from unionhall.reviews.models import Review
from unionhall.reviews.planning import decides

from ..models import MembershipTransfer, StandingChange
from ..schemes import TransferScheme
from .admission import require_open

PROCEDURE = "transfer"
AgreedBy = MembershipTransfer.AgreedBy
#: What the law asks before a chair goes whose term is not over.
CHAIRS_STAY = "任期未满的主席、副主席，调动须经本级工会委员会和上一级工会同意（《工会法》第十八条）。"
#: One batch is started within one request; a larger one is started in several goes.
BATCH_LIMIT = 500
_OPEN = (Review.State.PENDING, Review.State.RETURNED)


def is_own(actor: Actor, person: Person) -> bool:
    return actor.speaks_for(person.pk, person.account_id)


def require_phone(actor: Actor, person: Person) -> None:
    """What concerns oneself is done as a worker, on the phone: a desk account acts on nobody's own behalf."""
    if hands(actor.access).touch(person=person.pk) and not is_own(actor, person):
        raise Refused("这是您本人的会籍，不能用工作账号办理。请用手机号登录后办理，或请其他工会干部办理。")


def open_transfer(person: Person) -> MembershipTransfer | None:
    """The transfer still under review, if any."""
    rows = MembershipTransfer.objects.everywhere(
        reason="one open transfer per person, wherever it was started"
    )
    return rows.filter(person=person, review__state__in=_OPEN).select_related("review").first()


def require_nothing_open(person: Person) -> None:
    """A membership is changed by one matter at a time."""
    waiting = open_transfer(person)
    if waiting is not None:
        raise Refused(f"已有会籍转接正在办理（{waiting.review.number}），请等办结或撤回后再办。")
    rows = StandingChange.objects.everywhere(reason="one open matter per membership, wherever it was started")
    change = rows.filter(person=person, review__state__in=_OPEN).select_related("review").first()
    if change is not None:
        raise Refused(
            f"已有“{change.get_change_display()}”正在办理（{change.review.number}），请等办结或撤回后再办。"
        )


@transaction.atomic
def request_transfer(
    actor: Actor, *, membership: Membership, destination: Organisation, reason: str
) -> MembershipTransfer:
    """Start a transfer. The worker agrees by starting it; a union whose decider starts it has agreed thereby.

    The actor holds `organising.transfer` in the union that is left or in the one that is joined, or is the worker.
    """
    destination = as_it_stands(destination)
    Person.objects.everywhere(reason="the worker concerned").select_for_update().get(pk=membership.person_id)
    rows = Membership.objects.everywhere(reason="the membership to carry; permission is asked below")
    membership = rows.select_related("person", "organisation").get(pk=membership.pk)
    person, origin = membership.person, membership.organisation
    own = is_own(actor, person)
    require_phone(actor, person)
    if not own and not actor.may("organising.transfer", *origin.paths):
        actor.require("organising.transfer", *destination.paths)
    if not membership.is_current:
        raise Refused("这条会籍已经结束，请刷新后查看现在的会籍。")
    if destination.pk == origin.pk:
        raise Refused("转出和转入是同一个工会，不需要转接。", field="destination")
    require_open(destination, local=False)
    if len(reason.strip()) < 2:
        raise Refused("请填写转接原因，例如“换了工作单位”。", field="reason")
    require_nothing_open(person)
    version = rulebook.scheme(TransferScheme, on=timezone.localdate(), division=destination.division)
    steps = plan(
        version.parameters.steps, {"union": origin, "destination": destination}, besides=person.account_id
    )
    review = submit(
        actor,
        procedure=PROCEDURE,
        title=f"会籍转接：{person.masked_name} 转入{destination.name}",
        organisation=origin,
        # Who carries his own membership decides nothing by that: every union is asked.
        steps=steps
        if own
        else _without_the_starter(actor, steps, version.parameters.steps, origin, destination),
        scheme=version,
        concerns=person.account_id,
    )
    transfer = MembershipTransfer.objects.create(
        person=person,
        membership=membership,
        organisation=origin,
        destination=destination,
        reason=hide_numbers(reason.strip())[:200],
        review=review,
        person_agreed_at=timezone.now() if own else None,
        agreed_by="" if not own else AgreedBy.PHONE if actor.stands_for is None else AgreedBy.PAPER,
        agreement_note="" if actor.stands_for is None else "本人到窗口当面办理",
    )
    detail = {"from": origin.pk, "to": destination.pk, "own": own}
    journal(
        actor,
        "organising.request_transfer",
        subject=person,
        label=review.number,
        paths=origin.paths,
        detail=detail,
    )
    if not own:
        notify(
            person.account_id,
            "请确认会籍转接",
            f"工会为您发起了会籍转接：{origin.name} 转到 {destination.name}。请确认是否同意。",
            f"/m/transfers/{transfer.pk}/",
            origin.path,
        )
    return transfer


def _without_the_starter(
    actor: Actor,
    steps: list[StepPlan],
    rules: Sequence[StepRule],
    origin: Organisation,
    destination: Organisation,
) -> list[StepPlan]:
    """A union that starts a transfer agrees to it: its step is not asked again. One step at least remains."""
    rest = [step for step in steps if not decides(actor.account_id, step.organisation.pk, step.role)]
    if rest:
        return rest
    return plan(rules, {"union": origin, "destination": destination}, besides=actor.account_id)[-1:]


def _locked(transfer: MembershipTransfer) -> MembershipTransfer:
    rows = MembershipTransfer.objects.everywhere(
        reason="the matter to change; permission is asked on its unions"
    )
    found = rows.select_for_update(of=("self",)).select_related(
        "person", "review", "organisation", "destination"
    )
    return found.get(pk=transfer.pk)


@transaction.atomic
def agree(actor: Actor, *, transfer: MembershipTransfer) -> MembershipTransfer:
    """The worker's own consent, on the phone. Saying it twice changes nothing."""
    found = _locked(transfer)
    if not is_own(actor, found.person):
        raise NotAllowed("organising.transfer")
    return _agreed(actor, found, AgreedBy.PHONE if actor.stands_for is None else AgreedBy.PAPER)


@transaction.atomic
def attest_agreement(
    actor: Actor, *, transfer: MembershipTransfer, note: str, attachment: Attachment | None = None
) -> MembershipTransfer:
    """An officer of either union attests the worker's consent on paper, for those without a phone."""
    found = _locked(transfer)
    if not actor.may("organising.transfer", *found.organisation.paths):
        actor.require("organising.transfer", *found.destination.paths)
    if is_own(actor, found.person) or hands(actor.access).touch(person=found.person_id):
        raise Refused("这是您本人的会籍转接，请在手机端同意。")
    if len(note.strip()) < 4:
        raise Refused("请说明书面同意的情况，例如“本人 3 月 5 日到场签字”。", field="note")
    found.agreement_note, found.agreement = note.strip()[:200], attachment
    return _agreed(actor, found, AgreedBy.PAPER)


def _agreed(actor: Actor, transfer: MembershipTransfer, how: str) -> MembershipTransfer:
    if not transfer.review.is_open:
        raise Refused("这个转接已经办结，不需要再确认。")
    if transfer.person_agreed_at is not None:
        return transfer
    transfer.person_agreed_at, transfer.agreed_by = timezone.now(), how
    transfer.save(update_fields=["person_agreed_at", "agreed_by", "agreement_note", "agreement"])
    journal(
        actor,
        "organising.agree_transfer",
        subject=transfer.person,
        label=transfer.review.number,
        paths=transfer.organisation.paths,
        reason=transfer.agreement_note,
        detail={"how": str(how)},
    )
    return transfer


@transaction.atomic
def decline(actor: Actor, *, transfer: MembershipTransfer, reason: str) -> MembershipTransfer:
    """The worker does not agree: the matter is withdrawn, whoever started it."""
    found = _locked(transfer)
    if not is_own(actor, found.person):
        raise NotAllowed("organising.transfer")
    withdraw(actor, review=found.review, reason=reason or "本人不同意转接")
    return found


@dataclass
class BatchResult:
    """What a batch came to: how many were started, and why others were not, by row."""

    started: int = 0
    failures: list[tuple[str, str]] = field(default_factory=list)
    left: int = 0


def transfer_rows(actor: Actor, *, batch: RosterBatch, limit: int = BATCH_LIMIT) -> BatchResult:
    """Start a transfer for each row of a roster whose person stands in another union; each by itself.

    Rows whose transfer is under way already are passed over, so that the batch can be asked again.
    """
    actor.require("organising.transfer", *batch.paths)
    rows = RosterRow.objects.everywhere(reason="the rows of a batch in the actor's scope").filter(
        batch=batch, outcome=RosterRow.Outcome.TRANSFER, organisation__isnull=False, person_id__isnull=False
    )
    found = list(rows.select_related("organisation").order_by("number"))
    people = [row.person_id for row in found if row.person_id is not None]
    open_ids = set(
        MembershipTransfer.objects.everywhere(reason="which of these are under way")
        .filter(person_id__in=people, review__state__in=_OPEN)
        .values_list("person_id", flat=True)
    )
    memberships = Membership.objects.everywhere(reason="where these people stand now").current()
    standing = {row.person_id: row for row in memberships.filter(person_id__in=people)}
    waiting = [row for row in found if row.person_id not in open_ids]
    result = BatchResult(left=max(0, len(waiting) - limit))
    for row in waiting[:limit]:
        present = standing.get(row.person_id) if row.person_id else None
        if present is None or row.organisation is None:
            result.failures.append((f"第 {row.number} 行", "现在没有会籍，请重新导入后按新会员登记。"))
            continue
        if present.organisation_id == row.organisation_id:
            continue
        try:
            request_transfer(
                actor, membership=present, destination=row.organisation, reason=f"名册导入（批次 {batch.pk}）"
            )
            result.started += 1
        except Refused as refusal:
            result.failures.append((f"第 {row.number} 行", str(refusal)))
    return result
