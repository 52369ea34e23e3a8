"""From grants to what an actor may see: the one place where both questions are answered."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property

from django.utils import timezone

from unionhall.foundation.actors import Actor, NoAccess
from unionhall.foundation.compiled import Compiled, Given
from unionhall.foundation.permissions import Line, Role, all_permissions, carries

from .models import Account, Grant

_own_grants = Compiled(
    lambda: (
        Grant.objects.everywhere(reason="an actor's own grants decide its scope")
        .in_force(Given("day"))  # type: ignore[arg-type]  # the day that each call brings
        .filter(account=Given("account"))
        .select_related("organisation")
    )
)


class GrantedAccess:
    """The access of a signed-in account: its grants in force, read once (one query)."""

    def __init__(self, account: Account, day: date | None = None) -> None:
        self.account = account
        self.account_id: int | None = account.pk
        self.day = day or timezone.localdate()
        self._prefixes: dict[str, tuple[str, ...]] = {}

    @cached_property
    def grants(self) -> Sequence[Grant]:
        return _own_grants(account=self.account.pk, day=self.day)

    @cached_property
    def roles(self) -> frozenset[Role]:
        return frozenset(Role(grant.role) for grant in self.grants) | {Role.WORKER}

    @cached_property
    def _held(self) -> list[tuple[Role, Line, tuple[str, ...]]]:
        return [(Role(one.role), Line(one.line), tuple(one.organisation.paths)) for one in self.grants]

    def prefixes(self, permission: str) -> tuple[str, ...]:
        """Subtrees in which the permission is held: of each carrying grant, the path in both chains, deduplicated."""
        if permission not in self._prefixes:
            found = {
                path for role, line, paths in self._held if carries(permission, role, line) for path in paths
            }
            self._prefixes[permission] = tuple(
                sorted(
                    path
                    for path in found
                    if not any(path != other and path.startswith(other) for other in found)
                )
            )
        return self._prefixes[permission]

    def holdings(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Every permission held: code, label, prefixes. For the page that explains what one may see."""
        return [
            (item.code, item.label, self.prefixes(item.code))
            for item in all_permissions()
            if self.prefixes(item.code)
        ]

    @property
    def has_desk(self) -> bool:
        return bool(self.grants)


class WorkerAccess(GrantedAccess):
    """Signed in by a text code: one's own rows, whatever the account was granted (a code is no second factor)."""

    @cached_property
    def grants(self) -> Sequence[Grant]:
        return ()


def access_of(account: object, *, desk: bool = True) -> GrantedAccess | NoAccess:
    """The access of whoever signed in; nobody's is empty. Without `desk`, grants do not count."""
    if isinstance(account, Account) and account.is_active:
        return GrantedAccess(account) if desk else WorkerAccess(account)
    return NoAccess()


def actor_for(account: Account, trace: str = "") -> Actor:
    """The account as an actor: first argument of every action."""
    return Actor(account.pk, account.display_name, access_of(account), trace)
