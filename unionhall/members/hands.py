"""One person may have several accounts, a phone's and a desk's. With none does he decide on what concerns him."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone

from unionhall.access.actions import require_keeper
from unionhall.access.models import Account
from unionhall.foundation.actors import Actor, SystemAccess
from unionhall.foundation.compiled import Ask, asked
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
    #: Accounts of those who share a household with him.
    family: frozenset[int] = frozenset()

    @property
    def kept_out(self) -> frozenset[int]:
        """Accounts on whose matters he does not decide: his own and his household's."""
        return self.accounts | self.family

    def touch(self, *accounts: int | None, person: int | None = None) -> bool:
        """Whether one of the accounts, or the person, is he."""
        return not self.accounts.isdisjoint(accounts) or (person is not None and person == self.person_id)


# By keys only: at most two persons are his, and their households' people.
_HANDS = """
WITH mine AS (
    SELECT person.id, person.id_index FROM members_person person
    WHERE person.id IN (SELECT person_id FROM members_deskidentity WHERE account_id = %s
                        UNION ALL SELECT id FROM members_person WHERE account_id = %s)
), homes AS (
    SELECT m.household_id FROM mine
    JOIN members_householdmember m ON m.person_id = mine.id AND upper_inf(m.period)
    UNION
    SELECT m.household_id FROM mine
    JOIN members_householdmember m ON m.id_index = mine.id_index AND upper_inf(m.period)
), family AS (
    SELECT m.person_id AS id FROM homes
    JOIN members_householdmember m ON m.household_id = homes.household_id AND upper_inf(m.period)
    WHERE m.person_id IS NOT NULL
    UNION
    SELECT p.id FROM homes
    JOIN members_householdmember m ON m.household_id = homes.household_id AND upper_inf(m.period)
    JOIN members_person p ON p.id_index = m.id_index
    WHERE m.person_id IS NULL
)
SELECT person.id, person.account_id, desk.account_id, true AS own FROM mine
JOIN members_person person ON person.id = mine.id
LEFT JOIN members_deskidentity desk ON desk.person_id = person.id
UNION ALL
SELECT person.id, person.account_id, desk.account_id, false FROM family
JOIN members_person person ON person.id = family.id AND person.id NOT IN (SELECT id FROM mine)
LEFT JOIN members_deskidentity desk ON desk.person_id = person.id
"""


def hands_of(account_id: int | None) -> Hands:
    """One query by key."""
    return Hands() if account_id is None else _hands(account_id, _question(account_id).get())


def _question(account_id: int) -> Ask[tuple[Any, ...]]:
    return asked(_HANDS, [account_id, account_id])


def _hands(account_id: int, rows: list[tuple[Any, ...]]) -> Hands:
    own = [row for row in rows if row[3]]
    accounts = _accounts(own) | {account_id}
    family = _accounts(row for row in rows if not row[3])
    return Hands(frozenset(accounts), own[0][0] if own else None, frozenset(family))


def _accounts(rows: Iterable[tuple[Any, ...]]) -> set[int]:
    return {account for row in rows for account in row[1:3] if account is not None}


def hands(access: Access) -> Hands:
    """Those of whoever looks, asked once per request."""
    if isinstance(access, SystemAccess) or access.account_id is None:
        return Hands()
    known: Hands | None = getattr(access, "_hands", None)
    if known is None:
        known = _hands(access.account_id, question(access).get())
        access._hands = known  # type: ignore[attr-defined]
    return known


def question(access: Access) -> Ask[tuple[Any, ...]]:
    """What `hands` will ask, to be put together with other questions. Only for an account."""
    found: Ask[tuple[Any, ...]] | None = getattr(access, "_hands_asked", None)
    if found is None:
        assert access.account_id is not None
        found = access._hands_asked = _question(access.account_id)  # type: ignore[attr-defined]
    return found


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
