"""A client's eyes: what its scopes carry, in the subtree of its organisation, and nothing else."""

from functools import cached_property

from unionhall.foundation.actors import Actor
from unionhall.foundation.permissions import Role

from .models import Client
from .scopes import DECLARED, Scope


class ClientAccess:
    """The `Access` of a client. It has no account: nothing is its own, and no page opens for it."""

    account_id: int | None = None
    roles: frozenset[Role] = frozenset()

    def __init__(self, client: Client) -> None:
        self.client = client

    @cached_property
    def _permissions(self) -> frozenset[str]:
        return frozenset(DECLARED[Scope(scope)].permission for scope in self.client.scopes)

    def prefixes(self, permission: str) -> tuple[str, ...]:
        return self.client.organisation.paths if permission in self._permissions else ()


def actor_of(client: Client, trace: str = "") -> Actor:
    """The client as an actor: first argument of every action it calls."""
    return Actor(None, f"接口 {client.name}", ClientAccess(client), trace)
