"""What a person does with lines that no rule can settle: take one, say whose it is, accept it, leave it out."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.members.hands import hands
from unionhall.members.models import Membership, Person
from unionhall.records.actions import journal
from unionhall.rulebook.book import NoScheme
from unionhall.rulebook.eligibility import judge

from ...models import SettlementLine
from ...schemes.medical import MedicalAidScheme
from .adjudicating import rows_for, work
from .correcting import correct
from .paying import file_settled
from .turns import take_turn

__all__ = [
    "ACCEPTABLE",
    "MATCHABLE",
    "accept",
    "dismiss",
    "is_covered",
    "match_by_hand",
    "place_on",
    "settle",
    "take",
]

State, Reason = SettlementLine.State, SettlementLine.Reason
_WHY = "an exception that the actor was asked for permission on"
#: Reasons where somebody has to say whose settlement it is.
MATCHABLE = frozenset({Reason.UNKNOWN, Reason.NAME})
#: Reasons after which a line may be worked out as it is.
ACCEPTABLE = frozenset({Reason.OTHER_YEAR, Reason.OUTSIDE, Reason.NO_BUDGET, Reason.NO_SCHEME, Reason.STUCK})


@transaction.atomic
def take(actor: Actor, *, line: SettlementLine) -> SettlementLine:
    """Say that one is at it, or give it back."""
    line = _locked(actor, line)
    mine = line.taken_by_id is not None and line.taken_by_id == actor.account_id
    line.taken_by_id, line.taken_by = (None, "") if mine else (actor.account_id, actor.name)
    line.save(update_fields=["taken_by_id", "taken_by"])
    journal(
        actor, "benefits.settlement_taken", subject=line, label=line.number, paths=(line.path,),
        detail={"taken": not mine},
    )  # fmt: skip
    return line


@transaction.atomic
def match_by_hand(actor: Actor, *, line: SettlementLine, person: Person, reason: str) -> SettlementLine:
    """Say whose settlement it is, with the reason; it is then worked out like any other."""
    take_turn()
    line = _locked(actor, line)
    _words(reason)
    if line.reason not in MATCHABLE:
        raise Refused(f"这一笔的问题是“{line.get_reason_display()}”，不用匹配人员。")
    _not_oneself(actor, person.pk)
    line.person = person
    return _go_on(actor, line, reason, "benefits.settlement_matched")


@transaction.atomic
def accept(actor: Actor, *, line: SettlementLine, reason: str) -> SettlementLine:
    """Have a line worked out as it is: by the plan and the budget of its own year and place."""
    take_turn()
    line = _locked(actor, line)
    _words(reason)
    if line.reason not in ACCEPTABLE or line.person_id is None:
        raise Refused(f"“{line.get_reason_display()}”的结算不能直接采纳。请匹配人员，或者剔除。")
    _not_oneself(actor, line.person_id)
    return _go_on(actor, line, reason, "benefits.settlement_accepted")


@transaction.atomic
def dismiss(actor: Actor, *, line: SettlementLine, reason: str) -> SettlementLine:
    """Leave a line out for good, with the reason; nothing is paid on it."""
    line = _locked(actor, line)
    _words(reason)
    if line.person_id is not None:
        _not_oneself(actor, line.person_id)
    line.state, line.resolution = State.DISMISSED, reason.strip()[:200]
    line.save(update_fields=["state", "resolution"])
    journal(
        actor,
        "benefits.settlement_dismissed",
        subject=line,
        label=line.number,
        paths=(line.path,),
        reason=reason,
    )
    return line


def _go_on(actor: Actor, line: SettlementLine, reason: str, action: str) -> SettlementLine:
    former_path = line.path
    settle(line)
    _require_place(actor, line)
    line.resolution = reason.strip()[:200]
    line.id_number = line.id_index = None
    line.id_type = ""
    try:
        with transaction.atomic():
            line.save()
    except IntegrityError:
        raise Refused("这一笔已有更晚的更正，不能再采纳。请剔除。") from None
    journal(
        actor, action, subject=line, label=line.number, paths=(former_path,), reason=reason,
        detail={"person": line.person_id},
    )  # fmt: skip
    if line.state == State.SEEN:
        return line
    if line.replaces_id is not None:
        correct(actor, line.pk)
    else:
        at = line.file.uploaded_at if line.file is not None else timezone.now()
        work(actor, rows_for([line.pk]), submitted_at=at)
    line.refresh_from_db(from_queryset=SettlementLine.objects.everywhere(reason=_WHY))
    if line.file is not None:
        file_settled(line.file)
    return line


def settle(line: SettlementLine) -> None:
    """Put a line with its person where it belongs: union and plan of the day, and whether it was there before."""
    person, day = line.person, line.settled_on
    if person is None or day is None or line.selfpay is None:
        raise Refused("这一笔的内容不全，不能理算。请剔除，并请来源单位更正后重新报送。")
    found = place_on(person, day)
    if found is not None:
        line.path, line.division = found.organisation.path, found.organisation.division
    try:
        line.covered = is_covered(person, line)
    except NoScheme as missing:
        raise Refused(str(missing)) from None
    line.state, line.reason = State.MATCHED, ""
    rows = SettlementLine.objects.everywhere(reason="whether this settlement was there before")
    others = rows.filter(person=person, number=line.number, state=State.MATCHED).exclude(pk=line.pk)
    former = others.order_by("-pk").first()
    if former is None:
        return
    if line.pk is not None and former.pk > line.pk:
        raise Refused("这一笔已有更晚的更正，不能再采纳。请剔除。")
    if former.settled_on is not None and former.settled_on.year != day.year:
        raise Refused(
            f"结算号 {line.number} 已按 {former.settled_on.year} 年处理，不能改到另一年。请与来源单位核对。"
        )
    same = former.selfpay is not None and former.selfpay.reveal() == line.selfpay.reveal()
    if same and former.settled_on == day:
        line.state = State.SEEN
    line.replaces, line.first = former, former.root


def place_on(person: Person, day: object) -> Membership | None:
    """The membership that a person had on a day."""
    rows = Membership.objects.everywhere(reason="where a person stood on the day of a settlement")
    return rows.filter(person=person, period__contains=day).select_related("organisation").first()


def is_covered(person: Person, line: SettlementLine) -> bool:
    """Whether the plan in force for his place covered the person on the day. Raises NoScheme."""
    assert line.settled_on is not None
    version = rulebook.scheme(MedicalAidScheme, on=line.settled_on, division=line.division)
    verdicts = judge(person.pk, [version], line.settled_on)
    return bool(verdicts and verdicts[0].met)


def _locked(actor: Actor, line: SettlementLine) -> SettlementLine:
    actor.require("benefits.medical_resolve", line.path)
    rows = SettlementLine.objects.everywhere(reason=_WHY).select_for_update(of=("self",))
    fresh = rows.select_related("file", "person").get(pk=line.pk)
    if fresh.state != State.EXCEPTION:
        raise Refused(f"这一笔已经处理过（{fresh.status}）。")
    return fresh


def _require_place(actor: Actor, line: SettlementLine) -> None:
    """Refused where the member stood in another's care: it is the budget there that would pay."""
    assert line.person is not None
    found = place_on(line.person, line.settled_on)
    paths = found.organisation.paths if found is not None else (line.path,)
    if not actor.may("benefits.medical_resolve", *paths):
        raise Refused(
            "结算当天这个人是别处的会员，应由当地的预算支付。请由两地共同的上级工会处理，或者剔除后请来源单位报送当地。"
        )


def _words(reason: str) -> None:
    if len(reason.strip()) < 2:
        raise Refused("请写明理由，以便日后核对。", "reason")


def _not_oneself(actor: Actor, person_id: int) -> None:
    if hands(actor.access).person_id == person_id:
        raise Refused("这是您本人的结算，请由其他人处理。")
