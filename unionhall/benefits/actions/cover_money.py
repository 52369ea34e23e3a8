"""What a person has of the money of his claims, also of those whose payment was given up: for cap and event."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import Q

from unionhall.foundation.errors import Refused
from unionhall.kit.money import yuan
from unionhall.ledger.models import Payment
from unionhall.ledger.reading import kept
from unionhall.members.models import Person

from ..models import CoverClaim
from ..rules.cover import Peril

__all__ = ["paid_on_others", "require_money_back"]

Stage = CoverClaim.Stage
_WHY = "the person's own claims, beside one that the caller has been asked for"


def paid_on_others(claim: CoverClaim) -> Decimal:
    """What he was granted on his other claims under the programme, or still has of it, in yuan."""
    rows = CoverClaim.objects.everywhere(reason=_WHY).filter(
        person=claim.person_id, programme=claim.programme, decision__isnull=False
    )
    others = list(rows.exclude(pk=claim.pk).select_related("decision"))
    granted = [one for one in others if one.stage in (Stage.APPROVED, Stage.PAID, Stage.CLOSED)]
    amounts = [one.decision.amount for one in granted if one.decision is not None]
    return sum(amounts, _still_out(one for one in others if one.stage == Stage.REJECTED))


def require_money_back(person: Person, programme: str, peril: Peril, event_on: date) -> None:
    """Refused while money of the same event is out whose payment was given up. A death is the same on any day."""
    event = Q(by_kin=True) if peril.by == "kin" else Q(peril=peril.code, event_on=event_on)
    rows = CoverClaim.objects.everywhere(reason=_WHY).filter(event, person=person, programme=programme)
    if out := _still_out(rows.filter(stage=Stage.REJECTED, decision__isnull=False)):
        raise Refused(
            f"这次事故的理赔已撤销，还有 {yuan(out)} 元没有退回，全部退回以后才能再申请。请联系所在工会。",
            "event_on",
        )


def _still_out(claims: Iterable[CoverClaim]) -> Decimal:
    payments = Payment.objects.everywhere(reason=_WHY).filter(key__in=[one.key for one in claims])
    return sum(kept(payments.values_list("pk", flat=True)).values(), Decimal("0.00"))
