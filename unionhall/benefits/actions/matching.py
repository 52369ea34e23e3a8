"""区县配套: what a district adds to a career subsidy out of its own budget, where it has set one up."""

from django.utils import timezone

from unionhall.foundation.actors import Actor, SystemAccess
from unionhall.foundation.errors import Refused
from unionhall.ledger import actions as money
from unionhall.ledger import reading
from unionhall.ledger.models import Budget, Commitment, Payment
from unionhall.rulebook.book import book
from unionhall.rulebook.decisions import decide

from ..models import CareerApplication

PURPOSE = PROGRAMME = "career_match"
_WHY = "the district's part of an application that the caller has loaded"


def key_of(one: CareerApplication) -> str:
    return f"{one.key}:match"


def budget_of(one: CareerApplication) -> Budget | None:
    """Of the nearest union that has set one up this year."""
    return reading.budget_for(PROGRAMME, timezone.localdate().year, one.organisation.path)


def along(payment: Payment) -> list[int]:
    """Which budget holds the district's part of the subsidy that a payment is for: it goes with it (`take_back`)."""
    rows = Commitment.objects.everywhere(reason=_WHY).filter(key=f"{payment.key}:match")
    return list(rows.values_list("budget_id", flat=True))


def match(actor: Actor, one: CareerApplication) -> Commitment | None:
    """Decide and hold the district's part; None where no scheme or no budget of the year says so. Once for all.

    When the district's budget is spent it waits in that budget's own line; the city's part does not wait for it.
    """
    assert one.decision is not None
    union, day = one.organisation, timezone.localdate(one.applied_at)
    version = None if book().mistakes.get(PROGRAMME) else book().pick(PROGRAMME, day, union.division)
    budget = budget_of(one)
    if version is None or budget is None:
        return None
    decision = decide(
        actor, key=key_of(one), version=version, rule="subsidy.match", person=one.person, path=union.path, on=day,
        inputs={"granted": one.decision.amount},
    )  # fmt: skip
    held = money.commit(
        actor, key=key_of(one), budget=budget, person=one.person, amount=decision.amount, decision=decision,
        submitted_at=one.applied_at, purpose=PURPOSE, path=union.path,
    )  # fmt: skip
    if held.state == Commitment.State.HELD:
        pay(actor, held)
    return held


def pay(actor: Actor, commitment: Commitment) -> None:
    """The district's sum is held: due at once."""
    money.pay(_on_behalf(actor), key=commitment.key, purpose=PURPOSE, commitment=commitment)


def take_back(actor: Actor, one: CareerApplication, reason: str) -> None:
    """The district's part goes with the city's: given up, or to be recovered. Refused while the bank is at it."""
    payment = payments_of([one]).get(one.key)
    held = Commitment.objects.everywhere(reason=_WHY).filter(key=key_of(one)).first()
    try:
        if payment is not None:
            money.reverse(_on_behalf(actor), payment=payment, reason=reason)
        elif held is not None:
            money.release(_on_behalf(actor), commitment=held, reason=reason)
    except Refused as refusal:
        number = payment.number if payment is not None else ""
        raise Refused(f"区县配套{number}要一并撤销，现在还不能：{refusal}") from None


def _on_behalf(actor: Actor) -> Actor:
    """The same hand in what follows from a verb that has asked its own permission."""
    return Actor(actor.account_id, actor.name, SystemAccess(), actor.trace)


def application_of(key: str) -> int | None:
    """The application behind a payment's key."""
    found = key.removeprefix("career:").partition(":")[0]
    return int(found) if found.isdigit() else None


def payments_of(applications: list[CareerApplication]) -> dict[str, Payment]:
    """The district's payments by the application's key, in one statement."""
    keys = {key_of(one): one.key for one in applications}
    rows = Payment.objects.everywhere(reason=_WHY).filter(key__in=keys)
    return {keys[payment.key]: payment for payment in rows}
