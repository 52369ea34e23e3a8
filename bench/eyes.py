"""Through whose eyes a figure is measured: a provincial and a county officer, a chair, a worker of the seeded city."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

WHY = "a measurement over the whole registry"
PREFIX = "bench-"


@dataclass(frozen=True)
class Eyes:
    """Access to fixed subtrees, as a grant would give it."""

    paths: tuple[str, ...]
    account_id: int | None = None

    def prefixes(self, permission: str) -> tuple[str, ...]:
        return self.paths


def places() -> dict[str, Any]:
    """The unions whose officers look: the whole tree, its city, its largest county, a large grassroots union."""
    from unionhall.organisations.kinds import Kind
    from unionhall.organisations.models import Organisation

    rows = Organisation.objects.everywhere(reason=WHY).active()
    federations = rows.filter(kind=Kind.FEDERATION)
    counties = [one for one in federations if len(one.path) == 12]
    county = max(counties, key=lambda one: rows.filter(path__startswith=one.path).count())
    grassroots = rows.filter(kind=Kind.GRASSROOTS, path__startswith=county.path)
    return {
        "province": federations.get(parent=None),
        "city": next(one for one in federations if len(one.path) == 8),
        "county": county,
        "chair": grassroots.exclude(second_path="").order_by("path").first() or grassroots.first(),
    }


def eyes() -> dict[str, Eyes]:
    return {name: Eyes(tuple(place.paths)) for name, place in places().items()}


@contextmanager
def accounts() -> Iterator[dict[str, str]]:
    """Accounts of the bench, signed in: role → the value of the session cookie. They go away afterwards, and those
    that a killed run left behind go first."""
    from django.db.backends.postgresql.psycopg_any import DateRange
    from django.utils import timezone

    from unionhall.access.models import Account, Grant
    from unionhall.foundation.permissions import Role
    from unionhall.members.models import Membership, Person

    _forget(list(Account.objects.filter(username__startswith=PREFIX)))
    found = places()
    roles = {"province": Role.OFFICER, "county": Role.OFFICER, "chair": Role.CHAIR, "worker": None}
    opened, cookies = [], {}
    since = timezone.localdate() - timedelta(days=10)
    member = (
        Membership.objects.everywhere(reason=WHY)
        .current()
        .filter(organisation=found["chair"], person__account=None)
        .order_by("pk")[0]
    )
    try:
        for name, role in roles.items():
            account = Account.objects.create(username=f"{PREFIX}{name}", display_name=f"测量{name}")
            opened.append(account)
            if role is None:
                Person.objects.everywhere(reason=WHY).filter(pk=member.person_id).update(account=account)
            else:
                Grant.objects.create(
                    account=account, role=role, organisation=found[name], period=DateRange(since, None),
                    granted_by="bench", reason="bench",
                )  # fmt: skip
            cookies[name] = _signed_in(account)
        yield cookies
    finally:
        _forget(opened)


def _signed_in(account: Any) -> str:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(account)
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def _forget(opened: list[Any]) -> None:
    from unionhall.access.models import Grant
    from unionhall.members.models import Person

    if not opened:
        return
    Person.objects.everywhere(reason=WHY).filter(account__in=opened).update(account=None)
    Grant.objects.everywhere(reason=WHY).filter(account__in=opened).delete()
    for account in opened:
        account.delete()
