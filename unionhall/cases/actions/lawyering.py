"""A case and its lawyer: who is asked and why, the answer within the clock, the log of work, the report, the fee."""

from __future__ import annotations

import logging
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from unionhall.foundation.actors import Actor, system_actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.ledger.actions import pay
from unionhall.ledger.reading import budget_for
from unionhall.organisations.paths import above
from unionhall.records.actions import journal, notify
from unionhall.records.uploads import Upload
from unionhall.rulebook.decisions import decide as decide_by_rule

from ..models import (
    AidAssignment,
    AidWork,
    Case,
    CaseClock,
    CaseText,
    Lawyer,
    LawyerLeave,
    LegalAid,
)
from ..rules.assigning import Candidate, Choice, Need, PassedOver, passed_over, rank
from ..schemes.aid import CAUSES
from . import aid, conflicts, core
from .lawyers import ROSTER
from .locking import hold_roster, note, require_handler

PURPOSE = "legal_aid"
State = AidAssignment.State
WHY = aid.WHY
_log = logging.getLogger("unionhall.cases")


def candidates_for(found: LegalAid) -> list[Candidate]:
    """Lawyers on the rosters of the case's union, of those above and beneath it, with what they have to do today."""
    union, today = found.case.organisation, timezone.localdate()
    rows = Lawyer.objects.everywhere(reason="whom a case may be given to").serving_on(today)
    lines = Q(organisation__path__in=above(union.path)) | Q(organisation__path__startswith=union.path)
    rows = rows.filter(lines).annotate(
        held=Count("assignments", filter=Q(assignments__ended_at=None), distinct=True)
    )
    lawyers = list(rows.order_by("pk"))
    keys = [one.pk for one in lawyers]
    away = set(
        LawyerLeave.objects.everywhere(reason=WHY)
        .filter(lawyer__in=keys, period__contains=today)
        .values_list("lawyer", flat=True)
    )
    sides = conflicts.sides_of(found.case)
    near = conflicts.employed(sides, [one.account_id for one in lawyers if one.account_id]) | sides.accounts
    tied = conflicts.ties(sides, today)
    return [
        Candidate(
            id=one.pk,
            area=one.divisions[0] if one.divisions else "",
            also=tuple(one.divisions[1:]),
            languages=frozenset(one.languages),
            skills=frozenset(one.skills),
            load=one.held,  # type: ignore[attr-defined]  # annotated above
            capacity=one.most,
            barred=near.get(one.account_id or 0, "") or tied.of(one.pk, one.firm),
            on_leave=one.pk in away,
        )
        for one in lawyers
    ]


def need_of(found: LegalAid) -> Need:
    case = found.case
    asked = AidAssignment.objects.everywhere(reason=WHY).filter(aid=found).values_list("lawyer", flat=True)
    return Need(
        area=case.division,
        languages=frozenset({found.language}) if found.language else frozenset(),
        skill=case.cause,
        excluded=frozenset(asked),
        parties=frozenset({case.employer_id}) if case.employer_id else frozenset(),
    )


def ranked(found: LegalAid) -> tuple[list[Choice], list[PassedOver]]:
    """Who can take the case, the best first, and who cannot and why not."""
    rows, need = candidates_for(found), need_of(found)
    labels = CAUSES | aid.version_of(found.case).parameters.languages
    return rank(rows, need, labels=labels), passed_over(rows, need)


@transaction.atomic
def offer(actor: Actor, *, case: Case, lawyer: Lawyer | None = None) -> AidAssignment:
    """Give the case to a lawyer (None: the first in the order); he is asked and answers within the clock."""
    found = aid.lock(case)
    require_handler(actor, found.case, aid.HANDLE)
    core.require_move(found.case, "offer")
    hold_roster(ROSTER)
    able, unable = ranked(found)
    if lawyer is not None and (
        why := next((one.reason for one in unable if one.candidate.id == lawyer.pk), "")
    ):
        raise Refused(f"不能指派{lawyer.name}：{why}。", field="lawyer")
    chosen = next((one for one in able if lawyer is None or one.candidate.id == lawyer.pk), None)
    if chosen is None:
        raise Refused("名册里没有可以指派的律师。请先增加律师，或者请上级工会支援。", field="lawyer")
    held = Lawyer.objects.everywhere(reason=WHY).select_for_update().get(pk=chosen.candidate.id)
    made = AidAssignment.objects.create(
        aid=found,
        lawyer=held,
        because=chosen.words[:300],
        assigned_by=actor.name[:80],
        offered_at=timezone.now(),
    )
    core.move(
        actor, found.case, "offer", opinion=f"指派{held.firm}{held.name}律师", shown=True, by_right=True
    )
    _journal(actor, "cases.aid_assigned", made, lawyer=held.pk, rank=able.index(chosen) + 1)
    notify(
        held.account_id, f"法律援助指派：{found.case.title}", "请在时限内接受或者谢绝。", f"/partner/aid/{made.pk}/",
        found.case.organisation.path,
    )  # fmt: skip
    return made


def lock(assignment: AidAssignment) -> AidAssignment:
    """The assignment with its case locked, which everything that happens to it waits for."""
    found = aid.lock(assignment.aid.case)
    fresh = AidAssignment.objects.everywhere(reason=WHY).select_related("lawyer__payee").get(pk=assignment.pk)
    fresh.aid = found
    return fresh


@transaction.atomic
def answer(actor: Actor, *, assignment: AidAssignment, accept: bool, words: str = "") -> AidAssignment:
    """The lawyer takes it or declines with a reason; the desk may note an answer given by telephone."""
    one = lock(assignment)
    _require_lawyer_or_desk(actor, one)
    if one.ended_at is not None or one.state != State.OFFERED:
        raise Refused(f"这件指派{one.get_state_display()}，不能再答复。")
    if not accept and not words.strip():
        raise Refused("谢绝请写明理由，例如有利害关系、时间冲突。", field="words")
    one.state = State.ACCEPTED if accept else State.DECLINED
    one.answered_at, one.answer = timezone.now(), hide_numbers(words.strip())[:300]
    if not accept:
        one.ended_at = one.answered_at
    one.save(update_fields=["state", "answered_at", "answer", "ended_at"])
    core.move(
        actor, one.aid.case, "accept" if accept else "decline", opinion=one.answer, shown=False, by_right=True
    )
    _journal(actor, "cases.aid_answered", one, accepted=accept)
    return one


@transaction.atomic
def replace(actor: Actor, *, case: Case, because: str) -> LegalAid:
    """Another lawyer is to be found: the former is ill, on leave, or the worker asked for it (art. 55)."""
    found = aid.lock(case)
    require_handler(actor, found.case, aid.HANDLE)
    core.move(actor, found.case, "replace", opinion=because, shown=True, by_right=True)
    _journal(actor, "cases.aid_replaced", current(found.case), because=bool(because))
    return found


def current(case: Case) -> AidAssignment | None:
    rows = AidAssignment.objects.everywhere(reason=WHY).filter(aid__case=case)
    return rows.select_related("lawyer", "aid__case__organisation").order_by("-pk").first()


def end_with_case(actor: Actor, case: Case, code: str) -> None:
    """After a move of the case: an assignment that no longer lasts ends, so that its lawyer sees nothing more."""
    state = {
        "replace": State.REPLACED, "withdraw": State.STOPPED, "terminate": State.STOPPED, "close": State.CLOSED
    }.get(code)  # fmt: skip
    if state is None:
        return
    rows = AidAssignment.objects.everywhere(reason=WHY).filter(aid__case=case, ended_at=None)
    for one in rows.select_related("lawyer"):
        one.state, one.ended_at = state, timezone.now()
        one.save(update_fields=["state", "ended_at"])
        if one.lawyer.account_id != actor.account_id:
            words = f"{one.get_state_display()}，不用再办理。" if code != "close" else "已审核结案。"
            notify(
                one.lawyer.account_id,
                f"法律援助{case.number}：{words}",
                "",
                "/partner/aid/",
                case.organisation.path,
            )


def withdraw_unsupplied() -> int:
    """Applications whose lacking papers did not come in time count as withdrawn (法律援助法 art. 43); hourly.

    One transaction each; one that is refused does not stop the others. Answers how many.
    """
    now = timezone.now()
    rows = CaseClock.objects.everywhere(reason="applications that ran out")
    rows = rows.filter(_ran_out(now), case__kind=aid.KIND, case__state="supplement").order_by("due_at")
    return sum(_withdraw(case_id, now) for case_id in list(rows.values_list("case", flat=True)[:500]))


def _ran_out(now: datetime) -> Q:
    return Q(code="supplement", state=CaseClock.State.RUNNING, due_at__lt=now)


def _withdraw(case_id: int, now: datetime) -> bool:
    try:
        with transaction.atomic():
            case = core.lock(case_id)
            if case.state != "supplement" or not case.clocks.filter(_ran_out(now)).exists():
                return False  # the papers came meanwhile
            aid.stop(
                system_actor("时限"),
                case=case,
                code="withdraw",
                opinion="逾期没有补正，视为撤回申请，可以重新申请",
            )
    except Refused as refusal:
        _log.warning("application ran out and was not withdrawn case=%s reason=%s", case_id, refusal)
        return False
    return True


def lapse_unanswered() -> int:
    """Offers that nobody answered within the clock go back to be assigned anew; by the hourly job.

    One transaction each; one that is refused does not stop the others. Answers how many.
    """
    rows = AidAssignment.objects.everywhere(reason="offers that ran out")
    rows = rows.filter(
        ended_at=None, state=State.OFFERED, aid__case__clocks__code="answer",
        aid__case__clocks__state="running", aid__case__clocks__due_at__lt=timezone.now(),
    )  # fmt: skip
    return sum(_lapse(one) for one in rows.select_related("aid__case").distinct()[:500])


def _lapse(assignment: AidAssignment) -> bool:
    try:
        with transaction.atomic():
            one = lock(assignment)
            if one.state != State.OFFERED or one.ended_at is not None:
                return False
            one.state, one.ended_at = State.LAPSED, timezone.now()
            one.save(update_fields=["state", "ended_at"])
            words = f"{one.lawyer.name}律师没有在时限内答复"
            core.move(system_actor("时限"), one.aid.case, "decline", opinion=words, by_right=True)
    except Refused as refusal:
        _log.warning("offer ran out and did not lapse assignment=%s reason=%s", assignment.pk, refusal)
        return False
    return True


@transaction.atomic
def log(
    actor: Actor,
    *,
    assignment: AidAssignment,
    on: date,
    kind: str,
    what: str,
    hours: Decimal,
    upload: Upload | None = None,
) -> AidWork:
    """What the lawyer did on a day; the file he made stands with the case."""
    one = lock(assignment)
    _require_lawyer_or_desk(actor, one)
    if one.state != State.ACCEPTED:
        raise Refused("接受指派以后、报告办结以前才能登记办案记录。")
    if on > timezone.localdate() or on < timezone.localdate(one.offered_at):
        raise Refused("日期应在指派以后、今天以前。", field="on")
    case, label = one.aid.case, AidWork.Kind(kind).label
    file = (
        core.attach(actor, case, upload, label=f"{label} {on:%Y-%m-%d}", shown=False)
        if upload is not None
        else None
    )
    made = AidWork.objects.create(
        assignment=one,
        on=on,
        kind=kind,
        what=hide_numbers(what.strip()),
        hours=hours,
        file=file,
        at=timezone.now(),
    )
    note(actor, case, "aid_work", label, opinion=f"{what.strip()}（{hours} 小时）", shown=True)
    _journal(actor, "cases.aid_worked", one, work=made.pk)
    return made


@transaction.atomic
def report(
    actor: Actor,
    *,
    assignment: AidAssignment,
    result: str,
    recovered: Decimal,
    summary: str,
    upload: Upload | None = None,
) -> AidAssignment:
    """The work is done (art. 50): how it ended, what the worker got, the papers. The desk checks it before closing."""
    one = lock(assignment)
    _require_lawyer_or_desk(actor, one)
    if one.state != State.ACCEPTED:
        raise Refused(f"这件指派{one.get_state_display()}，不能报告办结。")
    if not one.works.exists():
        raise Refused("请先登记办案记录，再报告办结。")
    found = one.aid
    found.result, found.recovered = LegalAid.Result(result), recovered
    found.save(update_fields=["result", "recovered"])
    core.write(actor, found.case, CaseText.Role.RECORD, summary)
    if upload is not None:
        core.attach(actor, found.case, upload, label="办结文书", shown=True)
    one.state = State.REPORTED
    one.save(update_fields=["state"])
    said = f"{found.get_result_display()}，为职工挽回 {recovered} 元"
    core.move(actor, found.case, "report", opinion=said, shown=True, by_right=True)
    _journal(actor, "cases.aid_reported", one, result=result)
    return one


@transaction.atomic
def return_report(actor: Actor, *, case: Case, opinion: str) -> LegalAid:
    """The report lacks something: back to the lawyer, with what."""
    found = aid.lock(case)
    require_handler(actor, found.case, aid.HANDLE)
    core.move(actor, found.case, "return_report", opinion=opinion, by_right=True)
    one = current(found.case)
    assert one is not None
    one.state = State.ACCEPTED
    one.save(update_fields=["state"])
    notify(
        one.lawyer.account_id, f"法律援助{found.case.number}：办结报告退回补充", opinion, f"/partner/aid/{one.pk}/",
        found.case.organisation.path,
    )  # fmt: skip
    return found


@transaction.atomic
def close(actor: Actor, *, case: Case) -> AidAssignment:
    """The report is in order: the case closes, and the fee is what the scheme's table says, decided and kept."""
    found = aid.lock(case)
    require_handler(actor, found.case, aid.HANDLE)
    if found.first and not found.outcome:
        raise Refused("先行援助还没有补作决定，请先补作援助决定。")
    one = current(found.case)
    if one is None or one.state != State.REPORTED:
        raise Refused("律师还没有报告办结。")
    case = found.case
    one.decision = decide_by_rule(
        actor, key=f"aid_fee:{one.pk}", version=aid.version_of(case), rule="aid.fee", person=None,
        path=case.organisation.path, on=timezone.localdate(case.opened_at), inputs={"form": found.form},
    )  # fmt: skip
    one.fee = one.decision.amount
    one.save(update_fields=["decision", "fee"])
    core.move(actor, case, "close", opinion="", by_right=True)
    _journal(actor, "cases.aid_closed", one, fee=str(one.fee))
    return AidAssignment.objects.everywhere(reason=WHY).get(pk=one.pk)


@transaction.atomic
def pay_fee(actor: Actor, *, assignment: AidAssignment) -> AidAssignment:
    """The fee of a closed case becomes due in the ledger, once, out of the year's budget, to the lawyer's account."""
    one = lock(assignment)
    union = one.aid.case.organisation
    actor.require("cases.aid_pay", *union.paths)
    if one.state != State.CLOSED or not one.fee:
        raise Refused("结案并核定补贴以后才能支付。")
    if one.payment_id is not None:
        raise Refused("这件案件的补贴已经列入应付。")
    if one.lawyer.payee is None:
        raise Refused(f"还没有登记{one.lawyer.name}律师的收款账户，请先在律师资料里登记。")
    year = timezone.localdate().year
    budget = budget_for(aid.version_of(one.aid.case).parameters.budget_programme, year, union.path)
    if budget is None:
        raise Refused(f"{union.name}还没有 {year} 年法律援助预算，请先在资金管理里设立。")
    one.payment = pay(
        actor, key=f"aid_fee:{one.pk}", purpose=PURPOSE, budget=budget, payee=one.lawyer.payee, amount=one.fee,
        decision=one.decision, path=union.path,
    )  # fmt: skip
    one.save(update_fields=["payment"])
    _journal(actor, "cases.aid_paid", one, amount=str(one.fee))
    return one


def _require_lawyer_or_desk(actor: Actor, one: AidAssignment) -> None:
    """The assigned lawyer himself while he may work, or whoever handles the case and is not concerned in it."""
    his = (
        actor.account_id is not None
        and one.lawyer.account_id == actor.account_id
        and one.lawyer.until is None
    )
    if his and actor.access.prefixes("cases.aid_work"):
        return
    require_handler(actor, one.aid.case, aid.HANDLE)


def _journal(actor: Actor, action: str, one: AidAssignment | None, **detail: object) -> None:
    if one is None:
        return
    case = one.aid.case
    journal(actor, action, subject=case, label=case.number, paths=case.organisation.paths, detail=detail)
