"""One person may have several accounts, a phone's and a desk's. With none does he decide on what concerns him."""

from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone

from unionhall.access.actions import require_keeper
from unionhall.access.models import Account
from unionhall.foundation.actors import Actor, SystemAccess
from unionhall.foundation.errors import Refused
from unionhall.foundation.scope import Access
from unionhall.records.actions import journal

from .actions.persons import read_document
from .models import DeskIdentity, Person


@dataclass(frozen=True)
class Hands:
    """All accounts of the one person behind an account (itself included), and that person, if known.

    It only ever forbids: what one may do or see comes from the account that acts.
    """

    accounts: frozenset[int] = frozenset()
    person_id: int | None = None

    def touch(self, *accounts: int | None, person: int | None = None) -> bool:
        """Whether one of the accounts, or the person, is he."""
        return not self.accounts.isdisjoint(accounts) or (person is not None and person == self.person_id)


# By keys only: the sub-select names at most two persons, whatever the size of the register.
_HANDS = """
SELECT person.id, person.account_id, desk.account_id FROM members_person person
LEFT JOIN members_deskidentity desk ON desk.person_id = person.id
WHERE person.id IN (SELECT person_id FROM members_deskidentity WHERE account_id = %(account)s
                    UNION ALL SELECT id FROM members_person WHERE account_id = %(account)s)
"""


def hands_of(account_id: int | None) -> Hands:
    """One query by key."""
    if account_id is None:
        return Hands()
    with connection.cursor() as cursor:
        cursor.execute(_HANDS, {"account": account_id})
        rows = cursor.fetchall()
    accounts = {account for row in rows for account in row[1:] if account is not None}
    return Hands(frozenset(accounts | {account_id}), rows[0][0] if rows else None)


def hands(access: Access) -> Hands:
    """Those of whoever looks, asked once per request."""
    if isinstance(access, SystemAccess):
        return Hands()
    known: Hands | None = getattr(access, "_hands", None)
    if known is None:
        known = hands_of(access.account_id)
        access._hands = known  # type: ignore[attr-defined]
    return known


@transaction.atomic
def name_desk(
    actor: Actor, *, account: Account, id_type: str, id_number: str, name: str, reason: str
) -> Person:
    """Say whose a desk account is, by document and name, once they are found in the register. Journalled.

    Raises Refused when the register has nobody like that; NotAllowed for who doesn't keep the account.
    """
    paths = require_keeper(actor, account)
    if account.phone_index is not None:
        raise Refused("这是职工的手机账号，不需要登记本人。")
    document = read_document(id_type, id_number, timezone.localdate())
    rows = Person.objects.everywhere(reason="naming the holder of a desk account by his document")
    person = rows.with_identity(id_type, document.number).first()
    if person is None or person.name != name.strip():
        raise Refused(
            "没有找到姓名和证件号码都一致的职工。请核对；本人还没有登记的，请先登记。", field="id_number"
        )
    DeskIdentity.objects.update_or_create(
        account=account, defaults={"person": person, "named_by": actor.name[:60], "named_at": timezone.now()}
    )
    journal(actor, "members.name_desk", subject=account, label=account.words, paths=paths, reason=reason)
    return person
