"""回避: why somebody may neither mediate nor act in a case, in words, by what the register, rosters and contracts know.

Asked from the side of the parties, so that it costs the same however long a roster is. Whoever has no account is not
known as a person; what a lawyer declares himself stands with him (利害关系).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from unionhall.members import households
from unionhall.members.models import Employment, Person

from ..models import AidAssignment, Case, CaseParty, FirmCounsel, LawyerConflict

WHY = "who is too near to a party to act; only the reason leaves"
AVOIDS = "依法回避"


@dataclass(frozen=True)
class Sides:
    """Those on the sides of a case: `people` with their households, `rivals` on the other side, `employers` by name,
    and what is to be said of each account behind which one of the people stands."""

    people: frozenset[int] = frozenset()
    rivals: frozenset[int] = frozenset()
    employers: dict[int, str] = field(default_factory=dict)
    accounts: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Ties:
    """What lawyers have to do with the sides: by lawyer, by law firm, and by the account of a lawyer."""

    lawyers: dict[int, str] = field(default_factory=dict)
    firms: dict[str, str] = field(default_factory=dict)
    accounts: dict[int, str] = field(default_factory=dict)

    def of(self, lawyer: int, firm: str) -> str:
        return self.lawyers.get(lawyer) or self.firms.get(_plain(firm), "")


def sides_of(case: Case) -> Sides:
    """Parties and the case's own person and employer; three statements."""
    people, rivals, employers = set[int](), set[int](), dict[int, str]()
    for side, person, employer, name in case.parties.values_list(
        "side", "person", "employer", "employer__name"
    ):
        if person:
            people.add(person)
            if side == CaseParty.Side.RESPONDENT:
                rivals.add(person)
        if employer:
            employers[employer] = name
    if case.person_id is not None:
        people.add(case.person_id)
    if case.employer is not None:
        employers[case.employer.pk] = case.employer.name
    near = {other for found in households.of_many(people).values() for other in found}
    accounts: dict[int, str] = {}
    rows = Person.objects.everywhere(reason=WHY).filter(pk__in=near | people)
    for person, own, desk in rows.values_list("pk", "account", "desk_identities__account"):
        words = f"是当事人本人，{AVOIDS}" if person in people else f"是当事人的家庭成员，{AVOIDS}"
        accounts |= {one: words for one in (own, desk) if one is not None and one not in accounts}
    if case.filed_by_id is not None:
        accounts.setdefault(case.filed_by_id, f"是这件事的提交人，{AVOIDS}")
    return Sides(frozenset(people), frozenset(rivals), employers, accounts)


def employed(sides: Sides, accounts: Collection[int]) -> dict[int, str]:
    """Of these accounts, those who work for a party today."""
    if not sides.employers or not accounts:
        return {}
    rows = Employment.objects.everywhere(reason=WHY).filter(
        Q(person__account__in=accounts) | Q(person__desk_identities__account__in=accounts),
        employer__in=list(sides.employers), period__upper_inf=True,
    )  # fmt: skip
    found: dict[int, str] = {}
    for own, desk, employer in rows.values_list(
        "person__account", "person__desk_identities__account", "employer"
    ):
        words = f"是当事一方{sides.employers[employer]}的职工，{AVOIDS}"
        found |= {one: words for one in (own, desk) if one is not None}
    return found


def ties(sides: Sides, day: date) -> Ties:
    """Lawyers and their firms who serve, have declared or act for one of the sides; three statements."""
    found = Ties()
    declared = LawyerConflict.objects.everywhere(reason=WHY).filter(until=None)
    served = FirmCounsel.objects.everywhere(reason=WHY).in_force(day)
    names = ("lawyer", "lawyer__account", "lawyer__firm", "lawyer__name", "employer__name")
    employers = list(sides.employers)
    for lawyer, account, firm, name, employer, reason in declared.filter(employer__in=employers).values_list(
        *names, "reason"
    ):
        _tie(found, lawyer, account, f"与当事一方{employer}有登记的利害关系（{reason}），{AVOIDS}")
        found.firms.setdefault(
            _plain(firm), f"同一律师事务所的{name}律师与当事一方{employer}有登记的利害关系，{AVOIDS}"
        )
    for lawyer, account, firm, name, employer in served.filter(employer__in=employers).values_list(*names):
        _tie(found, lawyer, account, f"正在为当事一方{employer}提供法律服务，{AVOIDS}")
        found.firms.setdefault(
            _plain(firm), f"所在的律师事务所（{name}律师）正在为当事一方{employer}提供法律服务，{AVOIDS}"
        )
    acting = AidAssignment.objects.everywhere(reason=WHY).open().filter(aid__case__person__in=sides.people)
    for lawyer, account, person in acting.values_list("lawyer", "lawyer__account", "aid__case__person"):
        if account is not None:
            found.accounts.setdefault(account, f"正在代理一方当事人，{AVOIDS}")
        if person in sides.rivals:
            found.lawyers.setdefault(lawyer, f"正在代理对方当事人，{AVOIDS}")
    return found


def _tie(found: Ties, lawyer: int, account: int | None, words: str) -> None:
    found.lawyers.setdefault(lawyer, words)
    if account is not None:
        found.accounts.setdefault(account, words)


def _plain(firm: str) -> str:
    return "".join(firm.split())
