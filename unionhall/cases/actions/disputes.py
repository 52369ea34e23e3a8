"""劳动争议: filed once, by the worker himself or at the desk; its limitation reckoned; its facts put right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.members.models import Membership, Person
from unionhall.organisations.kinds import Kind
from unionhall.organisations.models import Employer, Organisation
from unionhall.organisations.paths import above
from unionhall.records.actions import journal, notify
from unionhall.records.models import Attachment
from unionhall.records.uploads import Upload

from .. import clusters
from ..models import Case, Dispute, Mediation
from ..rules.disputes import day_mistakes
from ..schemes.disputes import CAUSES, DisputeScheme, limitation, may_elect
from ..versions import scheme_of
from . import core
from .core import Party
from .locking import keep_out, lock_open, note, words

HANDLE, OPEN = "cases.disputes_handle", "cases.open"
_WHY = "the union that takes a dispute, found for whoever files"


@dataclass(frozen=True)
class Claim:
    """What a dispute is about, as it is filed or put right. Days may be unknown."""

    cause: str
    claim: str
    knew_on: date | None = None
    employment_ended_on: date | None = None
    amount: Decimal | None = None
    headcount: int = 1
    one_claim: bool = False


def union_for(person: Person | None, employer: Employer | None, division: str = "") -> Organisation | None:
    """Who takes it: the federation right above the member's union, else that of the employer's area; None when none.

    Never the enterprise's own union by itself: the worker may not want to be seen there.
    """
    unions = Organisation.objects.everywhere(reason=_WHY).active()
    local = unions.filter(kind__in=[Kind.FEDERATION, Kind.STREET])
    if person is not None:
        held = Membership.objects.everywhere(reason=_WHY).current().filter(person=person)
        path = held.values_list("organisation__path", flat=True).first()
        if path:
            found = local.filter(path__in=above(path)).order_by("-level").first()
            if found is not None:
                return found
    area = division or (employer.division if employer is not None else "")
    lengths = [length for length in (12, 9, 6, 4, 2) if len(area) >= length]
    return local.filter(division__in=[area[:length] for length in lengths]).order_by("-level").first()


@transaction.atomic
def file_dispute(
    actor: Actor,
    *,
    claim: Claim,
    organisation: Organisation,
    channel: str,
    statement: str,
    person: Person | None = None,
    employer: Employer | None = None,
    employer_name: str = "",
    colleagues: Sequence[str] = (),
    representatives: Sequence[str] = (),
    phone: str = "",
    account: Account | None = None,
    contact: Mapping[str, str] | None = None,
    name: str = "",
    papers: Iterable[Upload | Attachment] = (),
) -> Case:
    """File a dispute of one or several workers against one employer; answers the opened case.

    A worker files his own (`person` is his, or `account` is he); anything else asks `cases.open` over the union.
    Raises Refused for what does not fit: an unknown cause, no employer, representatives of fewer than ten workers.
    """
    mine = (
        actor.speaks_for(person.pk, person.account_id)
        if person is not None
        else account is not None and account.pk == actor.account_id
    )
    if not mine:
        actor.require(OPEN, *organisation.paths)
    against = employer.name if employer is not None else employer_name.strip()
    if not against:
        raise Refused("请填写用人单位。", "employer")
    who = person.name if person is not None else name.strip()
    if not who:
        raise Refused("请填写职工姓名。", "name")
    parties = [
        Party(
            "applicant",
            who,
            person=person,
            phone=phone,
            amount=claim.amount if claim.headcount == 1 else None,
        )
    ]
    parties += [Party("applicant", one.strip()) for one in colleagues if one.strip()]
    parties.append(Party("respondent", against, employer=employer))
    parties += [Party("representative", one.strip()) for one in representatives if one.strip()]
    _fitting(claim, people=sum(one.side == "applicant" for one in parties))
    case = core.open_case(
        actor,
        kind="dispute",
        organisation=organisation,
        title=f"{CAUSES[claim.cause]}：{against}"[:120],
        channel=channel,
        statement=statement,
        person=person,
        employer=employer,
        cause=claim.cause,
        division=(employer.division if employer is not None else "") or organisation.division,
        amount=claim.amount,
        headcount=claim.headcount,
        occurred_on=claim.knew_on,
        contact=contact,
        parties=parties,
        filed_by_account=account or (person.account if person is not None else None),
    )
    scheme = scheme_of(case)
    assert isinstance(scheme, DisputeScheme)
    _elected(scheme, claim, representatives)
    Dispute.objects.create(case=case, **_values(scheme, claim))
    for paper in papers:
        core.attach(actor, case, paper, shown=True)
    clusters.look(case)
    journal(
        actor, "cases.dispute_filed", subject=case, label=case.number, paths=organisation.paths,
        detail={"cause": claim.cause, "headcount": claim.headcount, "employer": employer.pk if employer else None},
    )  # fmt: skip
    return case


def _fitting(claim: Claim, people: int) -> None:
    today = timezone.localdate()
    if claim.cause not in CAUSES:
        raise Refused("请选择争议类型。", "cause")
    words(claim.claim, "claim", "请写明请求事项。", 500)
    for field, wrong in day_mistakes(claim.knew_on, claim.employment_ended_on, today).items():
        raise Refused(wrong, field)
    if claim.headcount < people:
        raise Refused(f"填写了 {people} 名职工，人数不能少于 {people}。", "headcount")
    if claim.amount is not None and claim.amount < 0:
        raise Refused("金额不能是负数。", "amount")


def _elected(scheme: DisputeScheme, claim: Claim, representatives: Sequence[str]) -> None:
    chosen = [one for one in representatives if one.strip()]
    if not chosen:
        return
    if not may_elect(scheme, headcount=claim.headcount, one_claim=claim.one_claim):
        raise Refused(
            f"{scheme.representatives_from} 人以上并有共同请求的，才可以推举代表（{scheme.representatives_article}）。",
            "representatives",
        )
    if len(chosen) > scheme.representatives_most:
        raise Refused(f"代表不超过 {scheme.representatives_most} 人。", "representatives")


def _values(scheme: DisputeScheme, claim: Claim) -> dict[str, object]:
    arrears = claim.cause in scheme.arrears_causes
    return {
        "claim": hide_numbers(claim.claim.strip())[:500],
        "knew_on": claim.knew_on,
        "employment_ended_on": claim.employment_ended_on,
        "limitation_on": limitation(
            scheme,
            cause=claim.cause,
            knew_on=claim.knew_on,
            employment_ended_on=claim.employment_ended_on,
        ),
        "limitation_article": scheme.arrears_article if arrears else scheme.limitation_article,
        "one_claim": claim.one_claim,
    }


@transaction.atomic
def correct(actor: Actor, *, case: Case, claim: Claim, because: str) -> Case:
    """Put the facts right: cause, claim, days, sum, headcount. The limitation is reckoned anew."""
    fresh = lock_open(case.pk)
    actor.require(HANDLE, *fresh.organisation.paths)
    keep_out(actor, fresh)
    because = words(because, "because", "请写明为什么修改。", 300)
    _fitting(claim, people=fresh.parties.filter(side="applicant").count())
    scheme = scheme_of(fresh)
    assert isinstance(scheme, DisputeScheme)
    rows = Dispute.objects.everywhere(reason="the actor handles this case").filter(case=fresh)
    rows.update(**_values(scheme, claim))
    fresh.cause, fresh.amount, fresh.headcount = claim.cause, claim.amount, claim.headcount
    fresh.occurred_on = claim.knew_on
    fresh.save(update_fields=["cause", "amount", "headcount", "occurred_on"])
    note(actor, fresh, "corrected", "修改争议情况", opinion=because)
    journal(
        actor, "cases.dispute_facts", subject=fresh, label=fresh.number, paths=fresh.organisation.paths,
        reason=because, detail={"cause": claim.cause, "headcount": claim.headcount},
    )  # fmt: skip
    return fresh


def require_hand(actor: Actor, case: Case) -> None:
    """The actor handles the case at the desk, or is the mediator in whose hands it is; else NotAllowed."""
    keep_out(actor, case)
    if actor.may(HANDLE, *case.organisation.paths):
        return
    if actor.access.prefixes("cases.mediate"):
        mine = Mediation.objects.all().of_mediator(actor.access)
        if mine.filter(case=case).exists():
            return
    raise NotAllowed(HANDLE)


def _require_own(actor: Actor, case: Case) -> None:
    """The account that filed, or that of the person whose case it is; nobody else speaks for him here."""
    mine = {case.filed_by_id, case.person.account_id if case.person is not None else None} - {None}
    if actor.account_id not in mine:
        raise NotAllowed(HANDLE)


@transaction.atomic
def supply(actor: Actor, *, case: Case, body: str, upload: Upload | None = None) -> Case:
    """The worker adds what he forgot, or what is missing; the owner hears of it."""
    fresh = lock_open(case.pk)
    _require_own(actor, fresh)
    if not body.strip() and upload is None:
        raise Refused("请写明情况或者上传材料。", "body")
    core.write(actor, fresh, "statement", body, shown=True)
    if upload is not None:
        core.attach(actor, fresh, upload, shown=True)
    note(actor, fresh, "supplied", "当事人补充材料", shown=True)
    journal(actor, "cases.noted", subject=fresh, label=fresh.number, paths=fresh.organisation.paths)
    title = f"当事人补充了材料：{fresh.number}"
    notify(fresh.owner_id, title, "", f"/desk/cases/{fresh.number}/", path=fresh.organisation.path)
    return fresh


@transaction.atomic
def withdraw(actor: Actor, *, case: Case, reason: str) -> Case:
    """The worker takes his application back."""
    fresh = lock_open(case.pk)
    _require_own(actor, fresh)
    return core.move(actor, fresh, "withdraw", opinion=reason, by_right=True)


@transaction.atomic
def rate(actor: Actor, *, case: Case, grade: int, comment: str) -> Dispute:
    """The worker's verdict on how it was dealt with, once, when it has ended."""
    fresh = core.lock(case.pk)
    _require_own(actor, fresh)
    rows = Dispute.objects.everywhere(reason="the actor's own case").select_for_update()
    found = rows.get(case=fresh)
    if fresh.is_open:
        raise Refused("办结后才能评价。")
    if found.rating is not None:
        raise Refused("您已经评价过。")
    found.rating, found.rating_words = grade, hide_numbers(comment.strip())[:200]
    found.save(update_fields=["rating", "rating_words"])
    note(actor, fresh, "rated", "评价", opinion=f"{grade} 分 {found.rating_words}".strip(), shown=True)
    journal(
        actor, "cases.dispute_rated", subject=fresh, label=fresh.number, paths=fresh.organisation.paths,
        detail={"grade": grade},
    )  # fmt: skip
    return found
