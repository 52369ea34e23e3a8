"""单位投保: a unit lists its members for a plan, hands the list in when enough take part, and renews it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Count
from django.utils import timezone

from unionhall import rulebook
from unionhall.foundation.actors import Actor, SystemAccess
from unionhall.foundation.errors import Refused
from unionhall.ledger import actions as ledger
from unionhall.ledger.models import Commitment, Payee
from unionhall.ledger.reading import budget_for
from unionhall.members.models import Membership
from unionhall.organisations.models import Organisation
from unionhall.records.actions import journal
from unionhall.rulebook import eligibility
from unionhall.rulebook.actions import record_use
from unionhall.rulebook.decisions import decide
from unionhall.rulebook.versions import Version

from ..models import CoverEnrolment, Insurer, PlanPerson, PlanPurchase
from ..rules.plans import Share, share, take_out
from ..schemes.cover import PROGRAMMES, TITLES, CoverScheme

__all__ = [
    "Tally",
    "cancel",
    "leave_out",
    "on_offer",
    "period_of",
    "relist",
    "renewable_from",
    "start",
    "submit",
    "take_in",
    "tally",
    "version_of",
]

PURPOSE, TAKE = "benefits.plan", "benefits.plan_take"
#: How far ahead a unit may ask for cover.
AHEAD = timedelta(days=90)
#: From so many days before the end on it is asked to renew.
RENEW_WITHIN = timedelta(days=60)
CHUNK = 1_000
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.benefits.plan.' || %s, 0))"
State, Standing = PlanPurchase.State, PlanPerson.Standing
_WHY = "a unit's list, of the actor's own union; who may is asked here"


@dataclass(frozen=True)
class Tally:
    """A list counted: by standing, against the condition, in yuan; `refusal` says what lacks, "" when it may go."""

    counts: dict[str, int]
    share: Share
    price: Decimal
    amount: Decimal
    refusal: str


def on_offer(union: Organisation, on: date) -> list[Version[CoverScheme]]:
    """Plans that a unit at this place may take out on a day."""
    found = []
    for code in PROGRAMMES:
        try:
            version: Version[CoverScheme] = rulebook.scheme(code, on=on, division=union.division)
        except Refused:
            continue
        if version.parameters.enrolment == "listed":
            found.append(version)
    return found


def version_of(purchase: PlanPurchase) -> Version[CoverScheme]:
    """The version in force where the unit is, on the day for which it asked."""
    found: Version[CoverScheme] = rulebook.scheme(
        purchase.programme, on=purchase.starts, division=purchase.organisation.division
    )
    return found


def period_of(version: Version[CoverScheme], begins: date) -> DateRange:
    """The period of a plan that begins on a day."""
    months = version.parameters.period_months
    assert months is not None
    return DateRange(begins, begins + relativedelta(months=months))


@transaction.atomic
def start(
    actor: Actor, *, organisation: Organisation, programme: str, tier: str, starts: date,
    previous: PlanPurchase | None = None,
) -> PlanPurchase:  # fmt: skip
    """Begin a list with every member of the unit on it who qualifies. `previous`: it renews that one."""
    actor.require(TAKE, *organisation.paths)
    today = timezone.localdate()
    if previous is not None:
        _require_follows(previous, starts, today)
    if not today <= starts <= today + AHEAD:
        raise Refused(f"起保日期应在今天到 {AHEAD.days} 天以内。", "starts")
    version = next((one for one in on_offer(organisation, starts) if one.programme == programme), None)
    if version is None:
        raise Refused("当地那一天没有这项由单位投保的保障。", "programme")
    if tier not in {one.tier for one in version.parameters.premiums}:
        raise Refused("请选择这项保障的档次。", "tier")
    try:
        with transaction.atomic():
            found = PlanPurchase.objects.create(
                organisation=organisation, programme=programme, tier=tier, version=version.digest, starts=starts,
                previous=previous, made_by_id=actor.account_id, made_by=actor.name,
            )  # fmt: skip
    except IntegrityError:
        raise Refused("这个单位的这项保障已有一份正在列的名单，请接着办理那一份。", "programme") from None
    count = relist(actor, purchase=found)
    journal(
        actor, "benefits.plan_started", subject=found, label=TITLES[programme], paths=organisation.paths,
        detail={"programme": programme, "people": count, "renews": previous.pk if previous else None},
    )  # fmt: skip
    return found


def renewable_from(purchase: PlanPurchase) -> date | None:
    """The day from which a plan may be renewed; None where it is not in force."""
    if purchase.state != State.EFFECTIVE or purchase.period is None:
        return None
    found: date = purchase.period.upper - AHEAD
    return found


def _require_follows(previous: PlanPurchase, starts: date, today: date) -> None:
    earliest = renewable_from(previous)
    if earliest is None or previous.period is None:
        raise Refused("上一期还没有生效，不能续保。")
    if today < earliest:
        raise Refused(f"现在还不能续保，最早从 {earliest:%Y-%m-%d} 起办理。")
    if starts < previous.period.upper:
        raise Refused(
            f"上一期保到 {previous.period.upper - timedelta(days=1):%Y-%m-%d}，续保从次日起。", "starts"
        )


@transaction.atomic
def relist(actor: Actor, *, purchase: PlanPurchase) -> int:
    """Bring a draft's list up to the register: newcomers in, leavers out, who qualifies. Answers how many are on it.

    Who was left out with a reason stays left out, also when something else had kept him off the list meanwhile.
    """
    actor.require(TAKE, *purchase.organisation.paths)
    _locked_draft(purchase)
    version = version_of(purchase)
    members = Membership.objects.everywhere(reason=_WHY).current()
    members = members.filter(path__startswith=purchase.organisation.path)
    people = set(members.values_list("person_id", flat=True))
    rows = PlanPerson.objects.everywhere(reason=_WHY).filter(purchase=purchase)
    rows.exclude(person__in=people).delete()
    former = {one.person_id: one for one in rows}
    now = _standings(version, purchase, people)
    PlanPerson.objects.bulk_create(
        [
            PlanPerson(purchase=purchase, person_id=pk, standing=now[pk][0], reason=now[pk][1])
            for pk in now if pk not in former
        ],
        batch_size=CHUNK,
    )  # fmt: skip
    for pk, one in former.items():
        standing, reason = now[pk]
        if standing == Standing.LISTED and one.left_out:
            standing, reason = Standing.LEFT_OUT, one.left_out
        if one.standing != standing:
            one.standing, one.reason = standing, reason
            one.save(update_fields=["standing", "reason"])
    if purchase.version != version.digest:
        purchase.version = version.digest
        purchase.save(update_fields=["version"])
    return len(people)


def _provided(version: Version[CoverScheme], purchase: PlanPurchase, people: Any) -> dict[int, str]:
    """Who of these is not to be insured once more, and why: on another list that was handed in, or covered meanwhile.

    Lists are asked for first: one that is paid at this moment is then found by its covers.
    """
    lists = PlanPerson.objects.everywhere(reason=_WHY).filter(
        purchase__programme=purchase.programme, purchase__state=State.SUBMITTED, standing=Standing.LISTED
    )
    listed = lists.filter(person__in=people).exclude(purchase=purchase)
    names = listed.values_list("person_id", "purchase__organisation__name")
    found = {pk: f"已在{name}提交的名单里，等付款" for pk, name in names}
    rows = CoverEnrolment.objects.everywhere(reason=_WHY).filter(
        programme=version.programme, period__overlap=period_of(version, purchase.starts), person__in=people
    )
    for pk, period in rows.order_by("period").values_list("person_id", "period"):
        until = f"，到 {period.upper - timedelta(days=1):%Y-%m-%d}" if period.upper else ""
        begins = f"，自 {period.lower:%Y-%m-%d} 起" if period.lower > purchase.starts else ""
        found[pk] = f"已有保障{begins}{until}"
    return found


def _standings(
    version: Version[CoverScheme], purchase: PlanPurchase, people: Collection[int]
) -> dict[int, tuple[str, str]]:
    """What each member is to a plan on its first day, with the reason where he cannot take part."""
    found: dict[int, tuple[str, str]] = {}
    provided, on = _provided(version, purchase, people), purchase.starts
    ordered = sorted(people)
    for at in range(0, len(ordered), CHUNK):
        chunk = ordered[at : at + CHUNK]
        verdicts = eligibility.judge_many(chunk, [version], on)
        for pk in chunk:
            judged = verdicts.get(pk)
            if pk in provided:
                found[pk] = Standing.COVERED, provided[pk]
            elif judged and judged[0].met:
                found[pk] = Standing.LISTED, ""
            else:
                missing = [one.missing or one.text for one in judged[0].unmet] if judged else []
                found[pk] = Standing.UNFIT, "；".join(missing)[:200] or "登记的资料不全，判断不了"
    return found


def _locked_draft(purchase: PlanPurchase) -> PlanPurchase:
    rows = PlanPurchase.objects.everywhere(reason=_WHY).select_for_update(of=("self",))
    found = rows.select_related("organisation").get(pk=purchase.pk)
    if not found.is_draft:
        raise Refused(f"这份名单{found.get_state_display()}，不能再改。")
    return found


@transaction.atomic
def leave_out(actor: Actor, *, purchase: PlanPurchase, people: Iterable[int], reason: str) -> int:
    """Members who do not take part, with the reason. Answers how many were on the list until now."""
    actor.require(TAKE, *purchase.organisation.paths)
    _locked_draft(purchase)
    if not reason.strip():
        raise Refused("请写明不参加的原因。", "reason")
    return _move(actor, purchase, people, Standing.LISTED, Standing.LEFT_OUT, reason.strip()[:200])


@transaction.atomic
def take_in(actor: Actor, *, purchase: PlanPurchase, people: Iterable[int]) -> int:
    """Members who take part after all."""
    actor.require(TAKE, *purchase.organisation.paths)
    _locked_draft(purchase)
    return _move(actor, purchase, people, Standing.LEFT_OUT, Standing.LISTED, "")


def _move(
    actor: Actor, purchase: PlanPurchase, people: Iterable[int], old: str, new: str, reason: str
) -> int:
    rows = PlanPerson.objects.everywhere(reason=_WHY).filter(
        purchase=purchase, pk__in=list(people), standing=old
    )
    count: int = rows.update(standing=new, reason=reason, left_out=reason)
    if not count:
        raise Refused("请先在名单里勾选人员。")
    journal(
        actor, "benefits.plan_listed", subject=purchase, label=TITLES[purchase.programme],
        paths=purchase.organisation.paths, detail={"to": new, "people": count},
    )  # fmt: skip
    return count


def tally(purchase: PlanPurchase) -> Tally:
    """The list as it stands. One statement."""
    rows = PlanPerson.objects.everywhere(reason=_WHY).filter(purchase=purchase)
    found = dict(rows.values_list("standing").annotate(n=Count("pk")).order_by())
    counts = {code: found.get(code, 0) for code in Standing.values}
    parameters = version_of(purchase).parameters
    joined = counts[Standing.LISTED] + counts[Standing.COVERED]
    qualify = joined + counts[Standing.LEFT_OUT]
    price = next((one.amount for one in parameters.premiums if one.tier == purchase.tier), Decimal(0))
    outcome = take_out(
        parameters, qualify=qualify, joined=joined, listed=counts[Standing.LISTED], tier=purchase.tier
    )
    return Tally(
        counts, share(parameters, qualify=qualify, joined=joined), price, price * counts[Standing.LISTED],
        "" if outcome.outcome == "granted" else outcome.reasons[0],
    )  # fmt: skip


@transaction.atomic
def submit(actor: Actor, *, purchase: PlanPurchase, amount: Decimal) -> PlanPurchase:
    """Hand the list in: the rule decides, the budget holds the premium, its payment to the insurer comes due.

    `amount` is what the officer saw. Refused where the register has changed the list since, where somebody on it is on
    another list by now (lists of one plan are handed in one after the other), below the condition, and where nobody
    has set up a budget or entered the insurer's account.
    """
    union = purchase.organisation
    actor.require(TAKE, *union.paths)
    found = _locked_draft(purchase)
    if found.starts < timezone.localdate():
        raise Refused("起保日期已经过去，请重新建立名单。")
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [found.programme])
    counted, version = tally(found), version_of(found)
    mine = PlanPerson.objects.everywhere(reason=_WHY).filter(purchase=found, standing=Standing.LISTED)
    if twice := _provided(version, found, mine.values("person")):
        raise Refused(
            f"名单上有 {len(twice)} 人已有这项保障，或者已在另一份提交的名单里。请更新名单、核对金额后再提交。"
        )
    if counted.amount != amount:
        raise Refused("名单刚刚有变化，请核对新的人数和金额后再提交。")
    if counted.refusal:
        raise Refused(f"{counted.refusal}。")
    payee = payee_of(version, union)
    budget = budget_for(found.programme, timezone.localdate().year, union.path)
    if budget is None:
        year = timezone.localdate().year
        raise Refused(f"{year} 年还没有设立“{version.title}”预算，请财务人员先设立预算。")
    hand = Actor(actor.account_id, actor.name, SystemAccess(), actor.trace)
    record_use(version)
    listed, key = counted.counts[Standing.LISTED], key_of(found)
    decision = decide(
        hand, key=key, version=version, rule=f"{found.programme}.take_out", person=None, path=union.path,
        on=found.starts,
        inputs={
            "qualify": counted.share.qualify, "joined": counted.share.joined, "listed": listed, "tier": found.tier,
        },
    )  # fmt: skip
    found.qualify, found.joined, found.listed = counted.share.qualify, counted.share.joined, listed
    found.amount, found.decision, found.state = decision.amount, decision, State.SUBMITTED
    found.submitted_at = timezone.now()
    found.save()
    commitment = ledger.commit(
        hand, key=key, budget=budget, person=None, amount=decision.amount, decision=decision,
        submitted_at=found.submitted_at, purpose=PURPOSE, path=union.path,
    )  # fmt: skip
    journal(
        actor, "benefits.plan_submitted", subject=found, label=TITLES[found.programme], paths=union.paths,
        detail={"people": listed, "amount": str(decision.amount), "decision": decision.pk},
    )  # fmt: skip
    if commitment.state == Commitment.State.HELD:
        ledger.pay(hand, key=key, purpose=PURPOSE, commitment=commitment, payee=payee)
    return found


def key_of(purchase: PlanPurchase) -> str:
    """The business key of its decision, its commitment and its payment."""
    return f"plan:{purchase.pk:012d}"


def payee_of(version: Version[CoverScheme], union: Organisation) -> Payee:
    """The account of the insurer that the scheme names. Raises Refused while nobody has entered one."""
    rows = Insurer.objects.everywhere(reason="the account to which a premium is paid; no other fact is shown")
    rows = rows.filter(name=version.parameters.insurer, suspended=False).exclude(payee=None)
    found = rows.select_related("payee", "organisation").order_by("-organisation__path")
    near = next((one for one in found if union.path.startswith(one.organisation.path)), None)
    if near is None or near.payee is None:
        raise Refused(
            f"还没有登记{version.parameters.insurer}的收款账户，请上级工会在“保险保障”的承保机构里登记。"
        )
    return near.payee


@transaction.atomic
def cancel(actor: Actor, *, purchase: PlanPurchase) -> PlanPurchase:
    """Give a list up: a draft, or one that still waits for its budget. One that is being paid is the ledger's."""
    actor.require(TAKE, *purchase.organisation.paths)
    rows = PlanPurchase.objects.everywhere(reason=_WHY).select_for_update(of=("self",))
    found = rows.select_related("organisation").get(pk=purchase.pk)
    if found.state == State.SUBMITTED:
        held = Commitment.objects.everywhere(reason=_WHY).get(key=key_of(found))
        if held.state == Commitment.State.SPENT:
            raise Refused("已经列入付款。要撤销，请财务人员撤销这笔付款。")
        hand = Actor(actor.account_id, actor.name, SystemAccess(), actor.trace)
        ledger.release(hand, commitment=held, reason="单位撤销投保")
    elif found.state != State.DRAFT:
        raise Refused(f"这份名单{found.get_state_display()}，不能撤销。")
    found.state = State.CANCELLED
    found.save(update_fields=["state"])
    journal(
        actor, "benefits.plan_cancelled", subject=found, label=TITLES[found.programme],
        paths=found.organisation.paths,
    )  # fmt: skip
    return found
