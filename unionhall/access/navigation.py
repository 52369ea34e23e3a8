"""Who is at work, for the desk's top bar."""

from typing import Any

from django.http import HttpRequest

from unionhall.foundation.context import describe_actor_with
from unionhall.foundation.navigation import Entry, address, declare
from unionhall.foundation.permissions import Role

from .grants import GrantedAccess


def who(request: HttpRequest) -> dict[str, Any] | None:
    """The account's name, where it works and as what (of several grants the first), and what it may do about itself."""
    access = getattr(request, "access", None)
    if not isinstance(access, GrantedAccess):
        return None
    first = access.grants[0] if access.grants else None
    place = f"{first.organisation.name} · {Role(first.role).label}" if first else "职工"
    links = [
        {"label": "登录设备", "url": address("own_sessions"), "icon": "device-desktop"},
        {"label": "修改密码", "url": address("password_change"), "icon": "key"},
    ]
    return {"name": access.account.display_name, "place": place, "links": links if first else []}


describe_actor_with(who)
declare(Entry("desk", "管理", "账号与授权", "desk_accounts", "user-shield", "access.view", 50))
