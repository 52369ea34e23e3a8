"""Aids: the most, what the household has had already, the decision, the money. One household at a time."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import ScopedQuerySet
from unionhall.kit.money import yuan
from unionhall.ledger import actions as money
from unionhall.ledger import reading
from unionhall.ledger.models import Commitment, Payment
from unionhall.ledger.models.payments import PaymentQuerySet
from unionhall.members import households
from unionhall.members.actions import form_household
from unionhall.members.models import HouseholdMember, Person
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal, notify
from unionhall.rulebook import Version
from unionhall.rulebook.calculators import Worked
from unionhall.rulebook.decisions import decide
from unionhall.rulebook.programmes import programme_of

from ...models import Aid, HardshipFile
from ...rules import relief as rules
from ...schemes.relief import AIDS, AidScheme, HardshipScheme
from .holding import WHY, Stage, hold, keep_out, note, on_behalf
from .receiving import union_of

ZERO = Decimal("0.00")


def purpose_of(programme: str) -> str:
    """The ledger's purpose under which an aid is paid."""
    return f"relief_{programme}"


@dataclass(frozen=True)
class Case:
    """What an aid is asked for: programme and its version, whose, for whom, and what there was this year.

    `had` is in yuan: what of earlier grants of the same aid is promised, or was paid and has not come back.
    """

    version: Version[AidScheme]
    category: str
    line: Decimal
    schooling: str
    own_cost: Decimal | None
    had: Decimal
    taken: tuple[str, ...]


@dataclass(frozen=True)
class Limit:
    """The most that may be granted now, its arithmetic, and why nothing may."""

    worked: Worked | None
    refusal: str


def _version(programme: str, on: date, union: Organisation) -> Version[AidScheme]:
    if programme not in AIDS:
        raise Refused("请选择帮扶项目。", field="programme")
    return rulebook.scheme(programme, on=on, division=union.division)


def title_of(programme: str) -> str:
    found = programme_of(programme)
    return found.title if found is not None else programme


def _case(
    version: Version[AidScheme],
    person: Person,
    file: HardshipFile | None,
    key: str,
    beneficiary: HouseholdMember | None,
    schooling: str,
    own_cost: Decimal | None,
    on: date,
) -> Case:
    division = file.organisation.division if file is not None else ""
    union = file.organisation if file is not None else union_of(person)
    division = union.division if union is not None else division
    line = rulebook.scheme(HardshipScheme, on=on, division=division).parameters.local_line
    mine = _granted(version, key, beneficiary, on)
    had = _had(mine)
    taken = _exclusive(version, person, key, on, division)
    parameters = version.parameters
    if parameters.per in {"year", "once"} and had and not parameters.fills_up:
        taken = (version.title, *taken)
    category = file.category if file is not None else ""
    return Case(version, category, line, schooling, own_cost, had, taken)


def _granted(
    version: Version[AidScheme], key: str, beneficiary: HouseholdMember | None, on: date
) -> ScopedQuerySet[Aid]:
    """This year's (or ever's) grants of the same aid to the household, or to the one person of it.

    A revoked one is among them once it was paid: its money counts until it has come back.
    """
    rows = Aid.objects.everywhere(reason=WHY).filter(household_key=key, programme=version.programme)
    rows = rows.exclude(payment=None, revoked_at__isnull=False)
    if version.parameters.per == "event":
        return rows.none()
    if version.parameters.per != "once":
        rows = rows.filter(year=on.year)
    return rows.filter(beneficiary=beneficiary) if version.parameters.per_person else rows


def _had(rows: ScopedQuerySet[Aid]) -> Decimal:
    """What of these grants is promised, or with the household, in yuan."""
    found = list(rows.values_list("payment", "amount"))
    kept = reading.kept(payment for payment, _ in found if payment is not None)
    return sum((amount if payment is None else kept[payment] for payment, amount in found), ZERO)


def _exclusive(
    version: Version[AidScheme], person: Person, key: str, on: date, division: str
) -> tuple[str, ...]:
    """Titles of other programmes that the household had this year and that exclude this one, either way round."""
    others = set(version.parameters.exclusive_with)
    for code in AIDS:
        if code != version.programme:
            other = rulebook.scheme(code, on=on, division=division).parameters
            if version.programme in other.exclusive_with:
                others.add(code)
    if not others:
        return ()
    found = reading.funded(
        person_ids=households.of(person.pk),
        household_key=key,
        programmes=others,
        since=date(on.year, 1, 1),
    )
    return tuple(sorted({title_of(one.programme) for one in found}))


def limit_of(
    *,
    file: HardshipFile,
    programme: str,
    beneficiary: HouseholdMember | None = None,
    schooling: str = "",
    own_cost: Decimal | None = None,
) -> Limit:
    """What the page shows before anything is asked for: the most and its arithmetic, or why there is nothing."""
    on = timezone.localdate()
    version = _version(programme, on, file.organisation)
    case = _case(version, file.person, file, file.household.key, beneficiary, schooling, own_cost, on)
    worked = rules.most(
        version.parameters, category=case.category, line=case.line, schooling=schooling, own_cost=own_cost,
        had=case.had,
    )  # fmt: skip
    # Asked with nothing wanted, the rule says only what stands against the case itself.
    answer = rules.aid(version.parameters, wanted=ZERO, **_inputs(case))
    return Limit(worked, "" if answer.outcome == "granted" else "；".join(answer.reasons))


def _inputs(case: Case) -> dict[str, Any]:
    return {
        "category": case.category,
        "line": case.line,
        "schooling": case.schooling,
        "own_cost": case.own_cost,
        "had": case.had,
        "taken": case.taken,
    }


@transaction.atomic
def grant_aid(
    actor: Actor,
    *,
    programme: str,
    wanted: Decimal,
    file: HardshipFile | None = None,
    person: Person | None = None,
    beneficiary: HouseholdMember | None = None,
    schooling: str = "",
    own_cost: Decimal | None = None,
    note_text: str = "",
) -> Aid:
    """Grant an aid on a file, or (where a scheme has it) to a worker without one. Refused with the rule's reasons.

    The household is locked first: of two that exclude each other the second sees the first. What the budget has not
    waits in line and is paid when it is served.
    """
    if file is not None:
        fresh: HardshipFile | None = hold(actor, file, "benefits.relief_aid")
        assert fresh is not None
        if not fresh.is_in_force:
            raise Refused(f"档案{fresh.get_stage_display()}，建档以后才能发放帮扶金。")
        who, union, key = fresh.person, fresh.organisation, fresh.household.key
    else:
        fresh, (who, union, key) = None, _unfiled(actor, person)
    households.lock(key)
    if wanted <= 0:
        raise Refused("请填写帮扶金额。", field="wanted")
    if own_cost is not None and own_cost < 0:
        raise Refused("自付费用不能是负数。", field="own_cost")
    on = timezone.localdate()
    version = _version(programme, on, union)
    _belongs(beneficiary, key)
    case = _case(version, who, fresh, key, beneficiary, schooling, own_cost, on)
    aid = Aid.objects.create(
        file=fresh,
        person=who,
        household_key=key,
        organisation=union,
        programme=programme,
        year=on.year,
        beneficiary=beneficiary,
        schooling=schooling,
        own_cost=None if own_cost is None else str(own_cost),
        amount=wanted,
        note=note_text.strip()[:200],
        granted_by=actor.name[:80],
    )
    decision = decide(
        actor,
        key=f"relief_aid:{aid.pk}",
        version=version,
        rule=rules.rule_name(programme),
        person=who,
        path=union.path,
        on=on,
        inputs={"wanted": wanted, **_inputs(case)},
    )
    if decision.outcome != "granted":
        raise Refused("；".join(decision.reasons) + "。", field="wanted")
    aid.decision = decision
    _provide(actor, aid, union)
    _tell(actor, aid, fresh, who, union)
    return aid


def _unfiled(actor: Actor, person: Person | None) -> tuple[Person, Organisation, str]:
    if person is None:
        raise ValueError("an aid is for a file or a person")
    union = union_of(person)
    if union is None:
        raise Refused("不是工会会员，请先入会。")
    actor.require("benefits.relief_aid", *union.paths)
    keep_out(actor, person.pk)
    trusted = on_behalf(actor)
    key = form_household(trusted, person=person).key
    rows = HardshipFile.objects.everywhere(reason=WHY).in_force()
    if rows.filter(household__key=key).exists():
        raise Refused("这户家庭已经建档，请在档案里发放帮扶金。")
    return person, union, key


def _belongs(beneficiary: HouseholdMember | None, key: str) -> None:
    rows = HouseholdMember.objects.everywhere(reason=WHY).current()
    if beneficiary is not None and not rows.filter(pk=beneficiary.pk, household__key=key).exists():
        raise Refused("受助人不是这户家庭的成员。", field="beneficiary")


def _provide(actor: Actor, aid: Aid, union: Organisation) -> None:
    """Hold the money; pay at once what is held."""
    budget = reading.budget_for(aid.programme, aid.year, union.path)
    if budget is None:
        raise Refused(
            f"{union.name}及其上级工会还没有 {aid.year} 年“{title_of(aid.programme)}”预算，"
            "请联系财务人员先设立预算。"
        )
    aid.commitment = money.commit(
        actor,
        key=f"relief_aid:{aid.pk}",
        budget=budget,
        person=aid.person,
        amount=aid.amount,
        decision=aid.decision,
        submitted_at=aid.at,
        household_key=aid.household_key,
        purpose=purpose_of(aid.programme),
        path=union.path,
    )
    aid.save(update_fields=["decision", "commitment"])
    if aid.commitment.state == Commitment.State.HELD:
        pay(actor, aid)


def pay(actor: Actor, aid: Aid) -> None:
    """Make a held aid due; the ledger sees that it is once."""
    assert aid.commitment is not None
    aid.payment = money.pay(
        actor,
        key=f"relief_aid:{aid.pk}",
        purpose=purpose_of(aid.programme),
        commitment=aid.commitment,
    )
    aid.save(update_fields=["payment"])


def _tell(actor: Actor, aid: Aid, file: HardshipFile | None, person: Person, union: Organisation) -> None:
    title = title_of(aid.programme)
    if file is not None:
        if file.stage == Stage.APPROVED:
            file.stage = Stage.AIDED
            file.save(update_fields=["stage"])
        note(actor, file, "aided", title, text=f"{yuan(aid.amount)} 元", tone="ok", programme=aid.programme)
    else:
        journal(
            actor, "benefits.relief_aided", subject=aid, label=title, paths=union.paths,
            detail={"programme": aid.programme},
        )  # fmt: skip
    waiting = aid.payment is None
    text = "预算已用完，轮到时自动支付。" if waiting else "将打到您登记的收款账户。"
    notify(person.account_id, f"{title}已批准", f"{yuan(aid.amount)} 元，{text}", "/m/payments/", union.path)


@transaction.atomic
def revoke_aid(actor: Actor, *, aid: Aid, reason: str) -> Aid:
    """Take a grant back. What the bank has not is free again, and the household may be aided otherwise; what was paid
    is to be recovered, and counts as had until it has come back. Refused while the bank is at it.

    The household is locked, not the aid: the ledger locks its budget before an aid hears of it.
    """
    actor.require("benefits.relief_aid", *aid.organisation.paths)
    keep_out(actor, aid.person_id)
    if len(reason.strip()) < 4:
        raise Refused("请写明撤销原因，至少 4 个字。", field="reason")
    households.lock(aid.household_key)
    fresh = _fresh(aid)
    if fresh.revoked_at is not None:
        raise Refused("这笔帮扶已经撤销。")
    trusted = on_behalf(actor)
    if fresh.payment is not None:
        money.reverse(trusted, payment=fresh.payment, reason=reason)
    else:
        if fresh.commitment is not None:
            money.release(trusted, commitment=fresh.commitment, reason=reason)
        _revoked(actor, fresh, reason)
    return _fresh(aid)


def taken_back(actor: Actor, payments: PaymentQuerySet) -> None:
    """Payments were cancelled, or are to be recovered: their aids are revoked, whoever began it."""
    rows = Aid.objects.everywhere(reason="the aids whose payments the ledger took back")
    rows = rows.filter(payment__in=payments, revoked_at=None)
    for aid in rows.select_related("payment", "organisation", "person"):
        assert aid.payment is not None
        _revoked(actor, aid, aid.payment.reason)


def _revoked(actor: Actor, aid: Aid, reason: str) -> None:
    aid.revoked_at = timezone.now()
    aid.save(update_fields=["revoked_at"])
    journal(
        actor, "benefits.relief_aid_revoked", subject=aid, label=title_of(aid.programme),
        paths=aid.organisation.paths, reason=reason,
    )  # fmt: skip
    paid = aid.payment is not None and aid.payment.state == Payment.State.REVERSED
    what = "已经发放的款项需要退回，请按工会通知办理。" if paid else "款项不再发放。"
    notify(
        aid.person.account_id, f"{title_of(aid.programme)}已撤销",
        f"{yuan(aid.amount)} 元，{what}有疑问请联系所在工会。", "/m/payments/", aid.organisation.path,
    )  # fmt: skip


def _fresh(aid: Aid) -> Aid:
    rows = Aid.objects.everywhere(reason=WHY).select_related(
        "commitment", "payment", "organisation", "person"
    )
    return rows.get(pk=aid.pk)
