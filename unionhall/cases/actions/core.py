"""The verbs that every kind shares: open, move, link, look at. Beside them `keeping` (texts, files, parties) and
`assigning` (owner, grade, union).

Whether the actor may open, write or attach is the question of the action that calls, as each kind answers it
differently; `move` and what is in `assigning` ask for themselves.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from unionhall import rulebook
from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.models import working_calendar
from unionhall.kit.masking import hide_numbers
from unionhall.kit.sm import sm3_hex
from unionhall.members.models import Person
from unionhall.organisations.models import Employer, Organisation
from unionhall.records.actions import journal, notify
from unionhall.reviews.numbers import next_number
from unionhall.rulebook.actions import record_use

from .. import clocks, kinds
from ..models import Case, CaseLink, Channel, Referral
from ..schemes.base import CaseScheme, Move
from ..versions import scheme_of, state_label
from .assigning import assign, hand_over, regrade
from .keeping import Party, add_party, attach, write
from .locking import WHY, lock, note, paths_of, require_handler

__all__ = [
    "Party",
    "add_party",
    "assign",
    "attach",
    "give_query_code",
    "hand_over",
    "hash_of",
    "link",
    "lock",
    "move",
    "open_case",
    "regrade",
    "require_move",
    "write",
]
#: Without the characters that people mistake for others.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
ANONYMOUS = "匿名"


@transaction.atomic
def open_case(
    actor: Actor,
    *,
    kind: str,
    organisation: Organisation,
    title: str,
    channel: str,
    statement: str = "",
    person: Person | None = None,
    employer: Employer | None = None,
    cause: str = "",
    division: str = "",
    amount: Decimal | None = None,
    headcount: int = 1,
    occurred_on: date | None = None,
    grade: str = "",
    is_anonymous: bool = False,
    contact: Mapping[str, str] | None = None,
    parties: Iterable[Party] = (),
    owner: Account | None = None,
    filed_by_account: Account | None = None,
    filed_by: str = "",
    at: datetime | None = None,
) -> Case:
    """Open a case: number, the version in force where it happened, first state, opening clocks, event, journal.

    `filed_by_account` is whose case it is on the worker's pages, `filed_by` what the desk calls the one who brought it
    (default: the person's masked name). Anonymous: neither is kept, nor who acted. Whether the actor may is the
    caller's question. Raises Refused (NoScheme) where no version is in force.
    """
    rules, now = kinds.kind(kind), at or timezone.now()
    where = division or organisation.division
    version = rulebook.scheme(rules.scheme, on=timezone.localdate(now), division=where)
    record_use(version)
    scheme = version.parameters
    if is_anonymous:
        actor, filed_by_account, person, filed_by = _nobody(actor), None, None, ANONYMOUS
    path, second_path = paths_of(organisation)
    case = Case.objects.create(
        number=next_number(rules.prefix, timezone.localdate(now)),
        kind=kind,
        state=scheme.states[0].code,
        grade=grade,
        title=_title(title, rules.title),
        channel=Channel(channel),
        organisation=organisation,
        path=path,
        second_path=second_path,
        division=where,
        employer=employer,
        person=person,
        filed_by_id=filed_by_account.pk if filed_by_account is not None else None,
        filed_by=(filed_by or (person.masked_name if person is not None else ""))[:80],
        is_anonymous=is_anonymous,
        contact=json.dumps(dict(contact), ensure_ascii=False) if contact else None,
        cause=cause,
        occurred_on=occurred_on,
        headcount=headcount,
        amount=amount,
        owner=owner,
        opened_at=now,
        scheme_id=version.digest,
    )
    clocks.start(case, [scheme.clock(code) for code in scheme.opening], now, working_calendar())
    _settle(case, now, scheme)
    for party in parties:
        add_party(case, party)
    write(actor, case, "statement", statement, shown=True, heading=case.title)
    note(actor, case, "opened", "登记", after=case.state, shown=True, at=now)
    journal(
        actor, "cases.opened", subject=case, label=case.number, paths=organisation.paths,
        detail={"kind": kind, "channel": str(case.channel), "anonymous": is_anonymous},
    )  # fmt: skip
    return case


def _nobody(actor: Actor) -> Actor:
    """Of one who wishes to stay unknown neither the account nor the request's trace is written down."""
    return Actor(None, ANONYMOUS, actor.access, "") if not actor.access.prefixes("cases.open") else actor


def _title(text: str, otherwise: str) -> str:
    return hide_numbers(" ".join(text.split()))[:120] or otherwise


@transaction.atomic
def move(
    actor: Actor,
    case: Case,
    code: str,
    *,
    opinion: str = "",
    shown: bool | None = None,
    by_right: bool = False,
    quietly: bool = False,
    at: datetime | None = None,
) -> Case:
    """Make a declared move: permission, state, guards; clocks, event, journal, message; then what follows from it.

    `by_right`: the calling action has asked already whether the actor may. `shown`: whether the one who filed may read
    the opinion (default: as the move `tells`). `quietly`: he was told of it elsewhere. Raises Refused where the state
    does not allow it.
    """
    fresh = lock(case.pk)
    rules, scheme, now = kinds.kind(fresh.kind), scheme_of(fresh), at or timezone.now()
    if not by_right:
        require_handler(actor, fresh, rules.handle)
    step = _step(scheme, fresh, code)
    # Also what pauses a clock or is kept by a kind's own hook must not carry a number.
    opinion = hide_numbers(opinion.strip())
    if step.asks and not opinion:
        raise Refused(f"“{step.label}”要写明意见或理由。", field="opinion")
    if len(opinion) > 1000:
        raise Refused(f"意见不超过 1000 个字，现有 {len(opinion)} 个字。", field="opinion")
    for guard in rules.guards:
        guard(actor, fresh, code)
    before = fresh.state
    fresh.state = step.to or before
    _turn(fresh, scheme, step, now, opinion)
    _let_go(fresh)
    told = step.tells if shown is None else shown
    note(
        actor, fresh, code, step.label, before=before, after=fresh.state, opinion=opinion, shown=told, at=now
    )
    journal(
        actor, "cases.moved", subject=fresh, label=fresh.number, paths=fresh.organisation.paths, reason=opinion,
        detail={"kind": fresh.kind, "move": code, "from": before, "to": fresh.state},
    )  # fmt: skip
    if step.tells and not quietly:
        _tell(fresh, step, opinion if told else "")
    for follow in rules.follows:
        follow(actor, fresh, code)
    return fresh


def require_move(case: Case, code: str) -> None:
    """For who writes something before the move: Refused where the state of the case, which is locked, forbids it."""
    _step(scheme_of(case), case, code)


def _step(scheme: CaseScheme, case: Case, code: str) -> Move:
    try:
        step = scheme.move(code)
    except LookupError:
        raise Refused("这件案件适用的办法里没有这个动作。") from None
    if case.state not in step.from_:
        raise Refused(
            f"案件{case.number}现在是“{state_label(case)}”，不能“{step.label}”。请刷新页面查看最新情况。"
        )
    return step


def _turn(case: Case, scheme: CaseScheme, step: Move, now: datetime, opinion: str) -> None:
    """Clocks first, as the state of the case follows from them: stopped, paused, let go on, begun."""
    calendar = working_calendar() if step.resumes or step.starts else None
    if step.stops:
        clocks.end(case, step.stops, now)
    if step.pauses:
        clocks.pause(case, step.pauses, now, opinion or step.label)
    if scheme.state(case.state).closed and not step.starts:
        clocks.end(case, None, now, clocks.State.VOID)
    if calendar is not None:
        clocks.resume(case, step.resumes, now, calendar)
        clocks.start(case, [scheme.clock(code) for code in step.starts], now, calendar)
    _settle(case, now, scheme)


def _settle(case: Case, now: datetime, scheme: CaseScheme) -> None:
    """The case's own dates follow its state and its clocks."""
    if not scheme.state(case.state).closed:
        case.closed_at = None
    elif case.closed_at is None:
        case.closed_at = now
    case.due_at = clocks.first_due(case)
    case.save(update_fields=["state", "closed_at", "due_at"])


def _let_go(case: Case) -> None:
    """A case that ends, of whatever kind, is before no partner any more: what was referred of it ends with it."""
    if case.closed_at is not None:
        rows = Referral.objects.everywhere(reason=WHY).filter(case=case, ended_at=None)
        rows.update(ended_at=case.closed_at, due_at=None)


def _tell(case: Case, step: Move, opinion: str) -> None:
    """A message to the account that filed and to the person whom it is about."""
    accounts = [case.filed_by_id, case.person.account_id if case.person is not None else None]
    title = f"您的{kinds.kind(case.kind).title}{case.number}：{step.told or step.label}"
    for account in dict.fromkeys(accounts):
        notify(account, title[:100], opinion, f"/m/help/{case.number}/", path=case.organisation.path)


@transaction.atomic
def link(actor: Actor, case: Case, other: Case, bond: str) -> CaseLink:
    """Say that two cases belong together: the actor handles the first and may see the other. Once is enough."""
    require_handler(actor, case, kinds.kind(case.kind).handle)
    actor.require(kinds.kind(other.kind).view, *other.organisation.paths)
    if case.pk == other.pk:
        raise Refused("不能与自己关联，请填写另一件案件的编号。", field="other")
    rows = CaseLink.objects.everywhere(reason=WHY)
    made, fresh = rows.get_or_create(case=case, other=other, bond=CaseLink.Bond(bond))
    if fresh:
        words = f"{made.get_bond_display()} {other.number}"
        note(actor, case, "linked", words[:30])
        note(actor, other, "linked", f"{made.get_bond_display()}自 {case.number}"[:30])
        journal(
            actor, "cases.linked", subject=case, label=case.number, paths=case.organisation.paths,
            detail={"other": other.pk, "bond": bond},
        )  # fmt: skip
    return made


def give_query_code(case: Case) -> str:
    """A code that opens 进度查询 together with the number; said once to whoever filed, kept as a hash."""
    code = "".join(secrets.choice(_LETTERS) for _ in range(12))
    case.query_code = hash_of(case.number, code)
    case.save(update_fields=["query_code"])
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def hash_of(number: str, code: str) -> str:
    """What is kept of a query code (twelve letters of 31: 59 bits); blanks, hyphens and small letters do not matter."""
    plain = "".join(one for one in code.upper() if one.isalnum())
    return sm3_hex(f"unionhall.cases:{number}:{plain}".encode())
