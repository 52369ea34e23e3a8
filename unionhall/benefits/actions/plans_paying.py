"""What the ledger's word means for a unit's plan: held, paid (cover begins), sent back, taken back (cover ends)."""

from __future__ import annotations

from datetime import timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.ledger import actions as ledger
from unionhall.ledger.models import Commitment
from unionhall.ledger.models.payments import PaymentQuerySet
from unionhall.members.models import Person
from unionhall.records.actions import journal, notify, notify_many
from unionhall.records.models import Message

from ..models import CoverChange, CoverEnrolment, PlanPerson, PlanPurchase
from ..schemes.cover import TITLES
from .cover_enrolment import take_turn
from .plans import CHUNK, PURPOSE, key_of, payee_of, period_of, version_of

__all__ = ["pay_held", "set_back", "taken_back", "was_paid"]

State, Standing = PlanPurchase.State, PlanPerson.Standing
_WHY = "a unit's list whose money the ledger has moved"


def _purchases(decisions: list[int | None]) -> list[PlanPurchase]:
    rows = PlanPurchase.objects.everywhere(reason=_WHY).select_related("organisation")
    return list(rows.filter(decision__in=decisions))


def _tell(purchase: PlanPurchase, title: str, body: str) -> None:
    url = f"/desk/cover/plans/{purchase.pk}/"
    notify(
        purchase.made_by_id, f"{TITLES[purchase.programme]}：{title}", body, url, purchase.organisation.path
    )


def pay_held(actor: Actor, commitment: Commitment) -> None:
    """Money was found for a list that had waited in line."""
    for one in _purchases([commitment.decision_id]):
        payee = payee_of(version_of(one), one.organisation)
        ledger.pay(actor, key=key_of(one), purpose=PURPOSE, commitment=commitment, payee=payee)
        _tell(one, "保费已安排付款", "排队的预算已经到位。")


def was_paid(actor: Actor, payments: PaymentQuerySet) -> None:
    """The bank paid: everyone on the list is covered from the day asked for, or from today where that is over.

    Who is covered already, which handing the list in would have refused, is not insured twice: the list says so, and
    whoever made it is told.
    """
    for one in _purchases(list(payments.values_list("decision", flat=True))):
        if one.state == State.SUBMITTED:
            _begin(actor, one)


def _begin(actor: Actor, purchase: PlanPurchase) -> None:
    take_turn(alone=True)
    begins = max(purchase.starts, timezone.localdate())
    period = period_of(version_of(purchase), begins)
    every = PlanPerson.objects.everywhere(reason=_WHY)
    people = every.filter(purchase=purchase, standing=Standing.LISTED)
    held = CoverEnrolment.objects.everywhere(reason=_WHY).filter(
        programme=purchase.programme, period__overlap=period
    )
    twice = people.filter(person__in=held.values("person")).update(
        standing=Standing.COVERED, reason="付款时已有保障，没有重复参保"
    )
    waiting = list(people.order_by("person"))
    for at in range(0, len(waiting), CHUNK):
        chunk = waiting[at : at + CHUNK]
        made = CoverEnrolment.objects.bulk_create(
            [
                CoverEnrolment(
                    person_id=one.person_id, programme=purchase.programme, period=period, tier=purchase.tier,
                    source=CoverEnrolment.Source.LISTED, organisation=purchase.organisation,
                )
                for one in chunk
            ]
        )  # fmt: skip
        for one, enrolment in zip(chunk, made, strict=True):
            one.enrolment = enrolment
        every.bulk_update(chunk, ["enrolment"])
    purchase.state, purchase.period, purchase.paid_at = State.EFFECTIVE, period, timezone.now()
    purchase.save(update_fields=["state", "period", "paid_at"])
    union, last = purchase.organisation, period.upper - timedelta(days=1)
    journal(
        actor, "benefits.plan_effective", subject=purchase, label=TITLES[purchase.programme], paths=union.paths,
        detail={"people": len(waiting), "covered_before": twice, "from": f"{begins}", "until": f"{last}"},
    )  # fmt: skip
    words = f"{begins:%Y-%m-%d} 至 {last:%Y-%m-%d}"
    more = f"另有 {twice} 人付款时已有保障，没有重复参保；请与承保机构核对多付的保费。" if twice else ""
    _tell(purchase, "保障已生效", f"{len(waiting)} 人，{words}。{more}")
    accounts = Person.objects.everywhere(reason=_WHY).exclude(account=None)
    accounts = accounts.filter(pk__in=[one.person_id for one in waiting]).order_by("pk")
    notify_many(
        Message(
            recipient_id=account, title=f"单位为您投保了{TITLES[purchase.programme]}",
            body=f"保障期 {words}。", url="/m/benefits/cover/", path=union.path,
        )
        for account in accounts.values_list("account_id", flat=True)
    )  # fmt: skip


def set_back(actor: Actor, payments: PaymentQuerySet) -> None:
    """The bank sent the money back; it is tried again, the cover stands meanwhile."""
    for one in _purchases(list(payments.values_list("decision", flat=True))):
        _tell(one, "保费被银行退回", "请上级工会核对承保机构的收款账户；财务人员重新付款后接着办理。")


def taken_back(actor: Actor, payments: PaymentQuerySet) -> None:
    """The payment was cancelled or is to be recovered: what had not begun never begins, the rest ends today."""
    for one in _purchases(list(payments.values_list("decision", flat=True))):
        if one.state == State.EFFECTIVE:
            _end(one)
        one.state = State.CANCELLED
        one.save(update_fields=["state"])
        journal(
            actor,
            "benefits.plan_cancelled",
            subject=one,
            label=TITLES[one.programme],
            paths=one.organisation.paths,
        )
        _tell(one, "投保已撤销", "这笔付款已经撤销或追回。")


def _end(purchase: PlanPurchase) -> None:
    take_turn(alone=True)
    today = timezone.localdate()
    people = PlanPerson.objects.everywhere(reason=_WHY).filter(purchase=purchase).exclude(enrolment=None)
    rows = CoverEnrolment.objects.everywhere(reason=_WHY).filter(pk__in=people.values("enrolment"))
    rows = rows.exclude(period__endswith__lte=today)
    ended = list(rows)
    changes = [CoverChange(enrolment=one, kind=CoverChange.Kind.ENDED, was=one.period) for one in ended]
    for one in ended:
        one.period = DateRange(one.period.lower, max(one.period.lower, today))
        one.ending = CoverEnrolment.Ending.WITHDRAWN
    CoverEnrolment.objects.everywhere(reason=_WHY).bulk_update(ended, ["period", "ending"], batch_size=CHUNK)
    CoverChange.objects.bulk_create(changes, batch_size=CHUNK)
