"""Who acts: the first argument of every action. Carries what the journal must know and what policy must ask."""

from dataclasses import dataclass, field

from .permissions import Role, permission
from .scope import Access


class NotAllowed(Exception):
    """The actor lacks a permission on the object. The message (Chinese) names the permission."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(f"您没有“{permission(code).label}”的权限。")


class NoAccess:
    """Nobody: sees nothing."""

    account_id: int | None = None
    roles: frozenset[Role] = frozenset()

    def prefixes(self, permission: str) -> tuple[str, ...]:
        return ()


class SystemAccess(NoAccess):
    """The platform itself, for commands and jobs that an operator starts on the machine."""

    def prefixes(self, permission: str) -> tuple[str, ...]:
        return ("",)


@dataclass(frozen=True)
class Actor:
    """An account (or the platform) doing something; `trace` ties journal entries to a request or job."""

    account_id: int | None
    name: str
    access: Access = field(default_factory=NoAccess)
    trace: str = ""
    #: The person in whose place a clerk acts at a window (he is there, or has authorised somebody who is).
    stands_for: int | None = None

    def speaks_for(self, person: int, account_id: int | None) -> bool:
        """Whether a person's own word is given: by his account (`account_id`), or at a window in his place."""
        own = self.account_id is not None and account_id == self.account_id
        return own or (self.stands_for is not None and self.stands_for == person)

    def may(self, code: str, *paths: str) -> bool:
        """Whether the permission is held over an object that stands at any of these paths."""
        prefixes = self.access.prefixes(code)
        return any(path.startswith(prefix) for prefix in prefixes for path in paths if path is not None)

    def require(self, code: str, *paths: str) -> None:
        """Raise NotAllowed unless `may`. Actions call it: a view that forgot to ask is not the last gate."""
        if not self.may(code, *paths):
            raise NotAllowed(code)


def system_actor(name: str = "系统", trace: str = "") -> Actor:
    """The platform acting on its own behalf: scheduled jobs and commands run on the machine."""
    return Actor(None, name, SystemAccess(), trace)
