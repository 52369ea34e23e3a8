"""From the steps a scheme writes down to the steps of one matter: who reviews, in which role, within how many days."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone
from pydantic import BaseModel, ConfigDict, Field

from unionhall.access.models import Grant, GrantQuerySet
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role
from unionhall.members.hands import hands_of
from unionhall.organisations.models import Organisation

from .models import Delegation, DelegationQuerySet


class StepRule(BaseModel):
    """A step as a scheme file writes it: `[[version.parameters.steps]]` with name, at, role, working_days.

    `role` and `otherwise` are codes of roles; `at` is a place that the domain names (union, superior, destination).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=40)
    at: str
    role: Role
    #: Who decides where nobody holds `role`: a small union's chair has no account, say, so the superior's officer does.
    otherwise: Role | None = None
    working_days: int = Field(ge=1, le=365)

    @property
    def roles(self) -> list[Role]:
        return [self.role] if self.otherwise is None else [self.role, self.otherwise]


@dataclass(frozen=True)
class StepPlan:
    """A step of one matter: at which union, by which role, within how many working days."""

    name: str
    organisation: Organisation
    role: Role
    working_days: int


def deciders(organisation_id: int, role: str) -> GrantQuerySet:
    """Grants in force of a role exactly at a union: whoever decides a step there today."""
    rows: GrantQuerySet = Grant.objects.everywhere(
        reason="who decides a step is not a question of the actor's own scope"
    )
    return rows.in_force(timezone.localdate()).filter(organisation_id=organisation_id, role=role)


def lent(organisation_id: int, role: str) -> DelegationQuerySet:
    """Loans in force of a role exactly at a union."""
    rows = Delegation.objects.everywhere(
        reason="who decides a step is not a question of the actor's own scope"
    )
    return rows.in_force(timezone.localdate()).filter(grant__organisation=organisation_id, grant__role=role)


def decider_accounts(organisation_id: int, role: str) -> list[int]:
    """Accounts that may decide a step there today: holders, then those who act for one."""
    own = deciders(organisation_id, role).values_list("account_id", flat=True)
    acting = lent(organisation_id, role).values_list("to_id", flat=True)
    return list(dict.fromkeys([*own, *acting]))


@dataclass(frozen=True)
class Authority:
    """By what an account decides a step: its own grant, or loans of others (never of both is asked)."""

    own: bool
    loans: tuple[Delegation, ...] = ()


def authority(account_id: int | None, organisation_id: int, role: str) -> Authority | None:
    """None for an account that does not decide there today."""
    if account_id is None:
        return None
    if deciders(organisation_id, role).filter(account_id=account_id).exists():
        return Authority(True)
    loans = lent(organisation_id, role).filter(to=account_id).select_related("grant__account")
    found = tuple(loans.order_by("pk"))
    return Authority(False, found) if found else None


def decides(account_id: int | None, organisation_id: int, role: str) -> bool:
    return authority(account_id, organisation_id, role) is not None


def nearest(
    organisation: Organisation,
    roles: Sequence[Role],
    *,
    besides: int | None = None,
    others_than: Collection[int] = (),
) -> tuple[Organisation, Role]:
    """The nearest union up the chain (itself included) where someone holds one of the roles today; earlier roles first.

    `besides` is the account of one who may not decide, under any of his accounts (the submitter, say), `others_than`
    accounts that may not. Raises Refused when nobody up to the top is left, so that nothing lands in an empty inbox.
    """
    rows = Grant.objects.everywhere(reason="who reviews a step is not a question of the actor's own scope")
    rows = rows.in_force(timezone.localdate()).filter(
        role__in=roles, organisation__path__in=[*organisation.ancestor_paths(), organisation.path]
    )
    if besides is not None:
        rows = rows.exclude(account_id__in=hands_of(besides).accounts)
    if others_than:
        rows = rows.exclude(account_id__in=list(others_than))
    found = max(
        rows.select_related("organisation"),
        key=lambda grant: (len(grant.organisation.path), -roles.index(Role(grant.role))),
        default=None,
    )
    if found is None:
        labels = "、".join(role.label for role in roles)
        raise Refused(
            f"{organisation.name}及其上级工会还没有可以审核的{labels}，暂不能受理。请联系上级工会开通审核账号。"
        )
    return found.organisation, Role(found.role)


def who_reviews(organisation: Organisation, role: Role, *, besides: int | None = None) -> Organisation:
    """The nearest union up the chain where someone holds the role today; see `nearest`."""
    return nearest(organisation, [role], besides=besides)[0]


def plan(
    rules: Sequence[StepRule], places: Mapping[str, Organisation | None], *, besides: int | None = None
) -> list[StepPlan]:
    """The steps of one matter. A place that is None is skipped (a union with no superior, say).

    KeyError for a place that the domain does not know: a mistake of the scheme, caught by its tests.
    """
    steps = []
    for rule in rules:
        place = places[rule.at]
        if place is not None:
            where, role = nearest(place, rule.roles, besides=besides)
            steps.append(StepPlan(rule.name, where, role, rule.working_days))
    return steps
