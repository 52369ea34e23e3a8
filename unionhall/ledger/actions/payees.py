"""Where money goes: a person's own account, and accounts of others that a decision names."""

from django.db import transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.foundation.sealing import bank_index
from unionhall.members.models import Person
from unionhall.records.actions import journal

from ..models import Payee
from ..rules import bank_number
from .posting import WHY


@transaction.atomic
def register_payee(
    actor: Actor,
    *,
    person: Person | None,
    bank: str,
    number: str,
    holder: str = "",
    relation: str = "",
) -> Payee:
    """Note a bank account. Without `relation` it is the person's own and takes the place of his former one.

    With `relation` (a beneficiary's, a firm's) `holder` is needed and it is used only where a payment names it. Whether
    the actor may speak for the person is asked by who calls: the person's own page, or a domain's verb.
    """
    own = not relation.strip()
    name = (holder or (person.name if person is not None and own else "")).strip()
    if not bank.strip():
        raise Refused("请填写开户银行。", "bank")
    if not name or (person is None and own):
        raise Refused("请填写户名。", "holder")
    if own and person is not None and name != person.name:
        raise Refused("本人账户的户名应与姓名一致。别人的账户请写明与本人的关系。", "holder")
    try:
        digits = bank_number(number)
    except ValueError as wrong:
        raise Refused(str(wrong), "number") from None
    index = bank_index(digits)
    if own and person is not None:
        Person.objects.everywhere(reason=WHY).select_for_update(no_key=True).get(pk=person.pk)
        held = Payee.objects.everywhere(reason=WHY).filter(person=person, relation="", until=None).first()
        if held is not None and held.number_index == index and held.bank == bank.strip():
            return held
        if held is not None:
            held.until = timezone.now()
            held.save(update_fields=["until"])
    payee = Payee.objects.create(
        person=person,
        bank=bank.strip()[:80],
        holder=name[:80],
        relation=relation.strip()[:20],
        number=digits,
        number_index=index,
        tail=digits[-4:],
    )
    journal(actor, "ledger.payee_registered", subject=payee, label=payee.masked, detail={"own": own})
    return payee
