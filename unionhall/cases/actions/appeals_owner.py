"""Who answers an appeal: of those who may deal with it where it stands, the one with least to do."""

from __future__ import annotations

from collections import Counter

from django.db.models import Count
from django.utils import timezone

from unionhall.access.models import Account, Grant
from unionhall.foundation.actors import Actor
from unionhall.foundation.permissions import Line, Role, carries
from unionhall.members.hands import hands_of

from .. import kinds
from ..models import Case
from ..rules.assigning import Candidate, Need, rank
from .assigning import assign
from .locking import concerns

WHY = "who may answer for a case is not a question of the actor's scope"
#: What one person can have in hand; whoever has more is passed over while others have room.
CAPACITY = 60


def handlers(case: Case) -> list[Account]:
    """Accounts granted at the union itself that may deal with this kind; none whose own it is, or his household's."""
    rows = Grant.objects.everywhere(reason=WHY).in_force(timezone.localdate())
    rows = rows.filter(organisation=case.organisation_id).select_related("account").order_by("account")
    handle = kinds.kind(case.kind).handle
    found = {one.account_id: one.account for one in rows if carries(handle, Role(one.role), Line(one.line))}
    if case.person_id is None and case.filed_by_id is None:
        return list(found.values())
    return [one for one in found.values() if not concerns(hands_of(one.pk), case)]


def loads(accounts: list[Account]) -> Counter[int]:
    """How many open cases each has."""
    rows = Case.objects.everywhere(reason=WHY).open().filter(owner__in=accounts)
    return Counter(dict(rows.values_list("owner").annotate(Count("pk")).order_by()))


def give_an_owner(actor: Actor, case: Case) -> Case:
    """The handler with least to do, and why; where nobody is free the case stays without one, for the list."""
    accounts = handlers(case)
    held = loads(accounts)
    ranked = rank([Candidate(one.pk, load=held[one.pk], capacity=CAPACITY) for one in accounts], Need())
    if not ranked:
        return case
    account = next(one for one in accounts if one.pk == ranked[0].candidate.id)
    made = assign(actor, case, account, because=f"自动分派：{ranked[0].words}", by_right=True)
    case.owner, case.owner_because = made.owner, made.owner_because
    return case
