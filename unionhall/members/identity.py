"""Who is behind an account: a phone proven by a code, then name and document, then the Person of the register.

An account known by a phone stands for a person only while the register holds the same phone. So a number that was
given to somebody else, or an identity entered by a stranger before the roster came, opens nothing.
"""

from django.db import transaction
from django.utils import timezone

from unionhall.access.models import Account
from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.identifiers import IdentifierError, normalise_name
from unionhall.records.actions import journal

from .actions import link_account, register_person
from .actions.persons import read_document
from .models import Person

_WHY = "identifying oneself: the whole register is asked for one document"
MISMATCH = (
    "姓名和证件号码与登记的对不上。请检查后再试；确认没有填错的，请带证件到所在工会或工会窗口核对登记。"
)


def person_of(account: object) -> Person | None:
    """The person of a signed-in account, or None. The link holds while both carry the same phone."""
    if not isinstance(account, Account):
        return None
    rows = Person.objects.everywhere(reason="the account's own person")
    person = rows.filter(account=account).first()
    return person if person is not None and holds(account, person) else None


def holds(account: Account, person: Person) -> bool:
    """Whether the account still stands for the person that it is tied to."""
    return account.phone_index is None or account.phone_index == person.phone_index


@transaction.atomic
def identify(actor: Actor, *, account: Account, name: str, id_type: str, id_number: str) -> Person:
    """Tie the account to the person with this document, registering one who is not known yet.

    Raises Refused. When the name does not match, the answer is the same whatever else is registered.
    """
    if account.pk != actor.account_id or account.phone is None:
        raise Refused("请先用手机验证码登录。")
    document = read_document(id_type, id_number, timezone.localdate())
    try:
        clean = normalise_name(name)
    except IdentifierError as mistake:
        raise Refused(str(mistake), field="name") from None
    mine = Person.objects.everywhere(reason=_WHY).filter(account=account).first()
    found = (
        Person.objects.everywhere(reason=_WHY)
        .select_for_update()
        .with_identity(id_type, document.number)
        .first()
    )
    if mine is not None and (found is None or mine.pk != found.pk):
        if holds(account, mine):
            raise Refused("这个手机号已经登记了另一个人的身份。请用自己的手机号登录，或到工会窗口核实。")
        _unlink(actor, mine)
    if found is None:
        person = register_person(
            actor,
            name=clean,
            id_type=id_type,
            id_number=document.number,
            phone=account.phone.reveal(),
            account=account,
        )
    else:
        person = _link(actor, account, found, clean)
    account.display_name = person.masked_name
    account.save(update_fields=["display_name"])
    return person


def _link(actor: Actor, account: Account, found: Person, name: str) -> Person:
    if found.name != name:
        raise Refused(MISMATCH)
    if found.account_id == account.pk and holds(account, found):
        return found
    if found.phone_index != account.phone_index:
        raise Refused(
            "您已在工会登记，但登记的手机号和现在登录的不是同一个。"
            "请联系所在工会或到工会窗口更新手机号，然后再来登录；原手机号还在用的，也可以换原手机号登录。"
        )
    if found.account_id is not None and found.account_id != account.pk:
        other = Account.objects.get(pk=found.account_id)
        if holds(other, found):
            raise Refused("您的身份已绑定另一个账号。请联系所在工会或到工会窗口核实后处理。")
        _unlink(actor, found)
    return link_account(actor, person=found, account=account)


def unlink(actor: Actor, account: Account) -> None:
    """The account's phone has another holder now: it stands for nobody any more."""
    person = Person.objects.everywhere(reason="the account's own person").filter(account=account).first()
    if person is not None:
        _unlink(actor, person)


def _unlink(actor: Actor, person: Person) -> None:
    """A link that no longer holds, because the register's phone has changed since."""
    former = person.account_id
    person.account = None
    person.save(update_fields=["account"])
    journal(actor, "members.unlink_account", subject=person, detail={"account": former})
