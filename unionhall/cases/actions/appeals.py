"""Verbs of appeals: filed by a worker, by anyone, by the desk; supplied, rated, withdrawn; ended when nobody rates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from django.db import transaction
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.members.models import Person
from unionhall.organisations.models import Employer, Organisation
from unionhall.records.actions import journal
from unionhall.records.uploads import Upload

from .. import clusters
from ..models import Appeal, Case, Channel
from ..rules.appeals import CAUSES, RATINGS, is_bad, too_many
from ..schemes.appeals import AppealScheme
from ..versions import scheme_of
from . import core
from .locking import WHY, note, words
from .rating import settle, tell_owner

CODE = "appeal"
MOST_UPLOADS = 9


@dataclass(frozen=True)
class Matter:
    """What is brought forward, whoever brings it."""

    statement: str
    cause: str
    organisation: Organisation
    employer: Employer | None = None
    employer_name: str = ""
    division: str = ""
    headcount: int = 1
    representatives: tuple[str, ...] = ()
    urgent: bool = False
    contact: Mapping[str, str] | None = None
    uploads: tuple[Upload, ...] = ()
    title: str = ""
    source_number: str = ""


@dataclass(frozen=True)
class Filed:
    """The case, and the code that opens it together with its number; "" where the account itself does."""

    case: Case
    code: str


@transaction.atomic
def file_own(
    actor: Actor, matter: Matter, *, account: Account, person: Person | None, anonymous: bool
) -> Filed:
    """A worker's own appeal from the phone. Anonymous: nothing ties it to the account, a code opens it."""
    if anonymous:
        return _file(_nobody(actor), matter, Channel.APP, anonymous=True)
    return _file(actor, matter, Channel.APP, account=account, person=person)


@transaction.atomic
def file_public(actor: Actor, matter: Matter) -> Filed:
    """Anyone's, without an account. Who leaves no name is anonymous."""
    return _file(_nobody(actor), matter, Channel.APP, anonymous=not (matter.contact or {}).get("name"))


@transaction.atomic
def register(
    actor: Actor, matter: Matter, *, channel: str, person: Person | None = None, anonymous: bool = False
) -> Filed:
    """What came by phone, letter, visit, window or hotline, entered at the desk. Raises NotAllowed, Refused."""
    actor.require("cases.open", *matter.organisation.paths)
    return _file(actor, matter, channel, person=person, anonymous=anonymous, coded=person is None)


def _nobody(actor: Actor) -> Actor:
    return Actor(None, core.ANONYMOUS, actor.access, "")


def _file(
    actor: Actor,
    matter: Matter,
    channel: str,
    *,
    account: Account | None = None,
    person: Person | None = None,
    anonymous: bool = False,
    coded: bool = True,
) -> Filed:
    statement = words(matter.statement, "statement", "请写明要反映的事情。", 5000)
    if matter.cause not in CAUSES:
        raise Refused("请选择事由。", field="cause")
    if len(matter.uploads) > MOST_UPLOADS:
        raise Refused(f"一次最多 {MOST_UPLOADS} 个附件。", field="file")
    contact = {key: value for key, value in (matter.contact or {}).items() if value}
    if matter.employer is None and matter.employer_name:
        contact["employer"] = matter.employer_name
    case = core.open_case(
        actor,
        kind=CODE,
        organisation=matter.organisation,
        title=matter.title or f"{CAUSES[matter.cause]}：{' '.join(statement.split())[:40]}",
        channel=channel,
        statement=statement,
        person=person,
        employer=matter.employer,
        cause=matter.cause,
        division=matter.division,
        headcount=matter.headcount,
        grade="urgent" if matter.urgent else "",
        is_anonymous=anonymous,
        contact=contact,
        parties=[core.Party("representative", one) for one in matter.representatives],
        filed_by_account=account,
        filed_by="" if person is not None else contact.get("name", "")[:1] and f"{contact['name'][0]}*",
    )
    if too_many(scheme_for(case), count := len(matter.representatives)):
        most = scheme_for(case).most_representatives
        raise Refused(
            f"多人反映同一件事的，推选代表不超过 {most} 人，现在填了 {count} 人。", field="representatives"
        )
    Appeal.objects.create(case=case, source_number=matter.source_number[:40])
    clusters.look(case)
    for upload in matter.uploads:
        core.attach(actor, case, upload, shown=True)
    tied = account is not None and not anonymous
    return Filed(case, core.give_query_code(case) if coded and not tied else "")


def scheme_for(case: Case) -> AppealScheme:
    return cast(AppealScheme, scheme_of(case))


def _require_filer(actor: Actor, case: Case) -> None:
    """Whoever filed it, or whom it is about, speaks for it."""
    me = actor.account_id
    own = {case.filed_by_id, case.person.account_id if case.person is not None else None} - {None}
    if me is None or me not in own:
        raise Refused("只有提交人本人可以操作。")


@transaction.atomic
def supply(
    actor: Actor, case: Case, *, body: str, uploads: Iterable[Upload] = (), by_code: bool = False
) -> Case:
    """The worker says or sends more. A case that waits for it goes on."""
    fresh = core.lock(case.pk)
    if not by_code:
        _require_filer(actor, fresh)
    if not fresh.is_open:
        raise Refused("这件诉求已经办结，不能再补充。有新的情况请重新反映。")
    body = words(body, "body", "请写明要补充的情况。", 2000)
    core.write(actor, fresh, "statement", body, shown=True)
    for upload in uploads:
        core.attach(actor, fresh, upload, shown=True)
    if fresh.state == "waiting":
        return core.move(actor, fresh, "supplied", by_right=True)
    note(actor, fresh, "added", "职工补充情况", shown=True)
    journal(actor, "cases.appeal_supplied", subject=fresh, label=fresh.number, paths=fresh.organisation.paths)
    tell_owner(fresh, "职工补充了情况")
    return fresh


@transaction.atomic
def rate(actor: Actor, case: Case, *, rating: int, comment: str = "", by_code: bool = False) -> Case:
    """The worker's opinion of the answer, in five levels. A bad one opens the call back and the mending."""
    fresh = core.lock(case.pk)
    if not by_code:
        _require_filer(actor, fresh)
    if rating not in RATINGS:
        raise Refused("请选择一个满意程度。", field="rating")
    if fresh.state != "answered":
        raise Refused("现在还不能评价：工会答复以后才能评价，评价过的不用再评。")
    appeal = Appeal.objects.everywhere(reason=WHY).select_for_update().get(case=fresh)
    appeal.first_rating = appeal.first_rating or rating
    appeal.rating, appeal.rating_words, appeal.rated_at = (
        rating,
        hide_numbers(comment.strip())[:500],
        timezone.now(),
    )
    appeal.save(update_fields=["rating", "rating_words", "rated_at", "first_rating"])
    bad = is_bad(scheme_for(fresh), rating=rating)
    fresh = settle(actor, fresh, rating=rating, words=appeal.rating_words, bad=bad)
    journal(
        actor, "cases.appeal_rated", subject=fresh, label=fresh.number, paths=fresh.organisation.paths,
        detail={"rating": rating},
    )  # fmt: skip
    return fresh


@transaction.atomic
def withdraw(actor: Actor, case: Case, *, reason: str) -> Case:
    """The worker takes it back."""
    fresh = core.lock(case.pk)
    _require_filer(actor, fresh)
    return core.move(actor, fresh, "withdraw", opinion=reason, shown=True, by_right=True)


@transaction.atomic
def merge(actor: Actor, case: Case, other: Case, *, reason: str) -> Case:
    """Another case of the same matter goes on; this one ends, and who filed it is told."""
    if not other.is_open:
        raise Refused("那一件已经办结，不能并入。", field="other")
    core.link(actor, case, other, "same")
    return core.move(actor, case, "merge", opinion=f"并入 {other.number}。{reason}", shown=True)
