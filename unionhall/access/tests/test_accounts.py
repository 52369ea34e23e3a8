"""Opening accounts, granting and revoking, explaining; and the tables that docs show."""

import io
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from tests.world import World
from unionhall.access import actions, tables
from unionhall.access.explaining import explain
from unionhall.access.granting import GRANTABLE
from unionhall.access.grants import actor_for
from unionhall.access.models import Account, Grant
from unionhall.foundation.actors import NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.foundation.permissions import Role
from unionhall.records.models import JournalEntry

WHY = "test"
TODAY = timezone.localdate()
SignIn = Callable[[str], Client]


def give(world: World, by: str, role: str, union: str, to: str = "clerk", **more: object) -> Grant:
    return actions.grant(
        world.actor(by), account=world.accounts[to], role=role, organisation=world.unions[union], reason="任命文件",
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


def test_an_officer_grants_below(world: World) -> None:
    give(world, "east_officer", "chair", "beta")
    access = actor_for(world.accounts["clerk"]).access
    assert access.prefixes("members.edit") == (world.unions["beta"].path,)
    entry = JournalEntry.objects.everywhere(reason=WHY).filter(action="access.grant").last()
    assert entry is not None
    assert entry.detail["role"] == "chair"


@pytest.mark.parametrize(
    ("by", "role", "union", "error"),
    [
        ("east_officer", "chair", "gamma", NotAllowed),  # beyond the own subtree
        ("east_officer", "officer", "river_city", NotAllowed),  # above the own union
        ("east_officer", "leader", "east", Refused),  # a stronger role
        ("river_officer", "operator", "river_city", Refused),
        ("river_officer", "auditor", "east", Refused),
        ("chair_alpha", "clerk", "alpha", NotAllowed),
        ("leader", "clerk", "east", NotAllowed),
        ("auditor", "clerk", "east", NotAllowed),
        ("east_officer", "worker", "east", Refused),
    ],
)
def test_nobody_grants_beyond_the_own(
    world: World, by: str, role: str, union: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        give(world, by, role, union)


def test_an_officer_of_one_line_grants_that_line(world: World) -> None:
    with pytest.raises(Refused, match="条线"):
        give(world, "east_officer", "officer", "pier", line="welfare")
    give(world, "east_officer", "officer", "pier", line="organising")


def test_never_to_oneself_never_twice_never_backwards(world: World) -> None:
    with pytest.raises(Refused, match="不能给自己"):
        give(world, "east_officer", "reviewer", "east", to="east_officer")
    give(world, "east_officer", "reviewer", "pier")
    with pytest.raises(Refused, match="已有同样"):
        give(world, "east_officer", "reviewer", "pier")
    with pytest.raises(Refused, match="晚于开始"):
        give(world, "east_officer", "clerk", "east", since=TODAY, until=TODAY)


def test_revoking_ends_it_at_once_and_is_kept(world: World) -> None:
    found = Grant.objects.everywhere(reason=WHY).get(account=world.accounts["chair_beta"])
    with pytest.raises(NotAllowed):
        actions.revoke(world.actor("chair_alpha"), grant=found, reason="离任")
    with pytest.raises(Refused, match="收回原因"):
        actions.revoke(world.actor("east_officer"), grant=found, reason="")
    actions.revoke(world.actor("east_officer"), grant=found, reason="离任")
    found.refresh_from_db()
    assert found.period.upper == TODAY
    assert actor_for(world.accounts["chair_beta"]).access.prefixes("members.view") == ()
    fresh = give(world, "east_officer", "clerk", "beta")
    actions.revoke(world.actor("east_officer"), grant=fresh, reason="授错了")
    assert not Grant.objects.everywhere(reason=WHY).filter(pk=fresh.pk).exists()
    entry = JournalEntry.objects.everywhere(reason=WHY).filter(action="access.revoke").last()
    assert entry is not None
    assert entry.detail["role"] == "clerk"


def test_an_officer_cannot_take_down_who_stands_above(world: World) -> None:
    auditor = Grant.objects.everywhere(reason=WHY).get(account=world.accounts["auditor"])
    with pytest.raises((NotAllowed, Refused)):
        actions.revoke(world.actor("province_officer"), grant=auditor, reason="离任")
    with pytest.raises(NotAllowed):
        actions.reset_password(
            world.actor("east_officer"), account=world.accounts["river_officer"], reason="忘记密码"
        )
    with pytest.raises(NotAllowed):
        actions.close_account(world.actor("east_officer"), account=world.accounts["operator"], reason="离任")


def test_pages(world: World, signed_in: SignIn) -> None:
    client = signed_in("east_officer")
    listing = client.get("/desk/settings/accounts/").content.decode()
    assert "chair_beta" in listing
    assert "chair_gamma" not in listing
    assert "river_officer" not in listing
    data = {
        "username": "New.Chair", "display_name": "郑晓", "role": "chair", "line": "general",
        "organisation": world.unions["beta"].code, "reason": "任命文件",
    }  # fmt: skip
    outside = client.post("/desk/settings/accounts/new/", data | {"organisation": world.unions["gamma"].code})
    assert outside.status_code == 422
    shown = client.post("/desk/settings/accounts/new/", data)
    password = shown.context["password"]
    assert password in shown.content.decode()
    account = Account.objects.get(username="new.chair")
    assert account.must_change_password
    assert account.check_password(password)
    assert password not in client.get(f"/desk/settings/accounts/{account.pk}/").content.decode()
    assert client.post("/desk/settings/accounts/new/", data).status_code == 422  # the name is taken
    reset = client.post(f"/desk/settings/accounts/{account.pk}/password/", {"reason": "忘记密码"})
    account.refresh_from_db()
    assert account.check_password(reset.context["password"])
    grant = Grant.objects.everywhere(reason=WHY).get(account=account)
    assert client.get(f"/desk/settings/grants/{grant.pk}/revoke/").status_code == 200
    assert client.post(f"/desk/settings/grants/{grant.pk}/revoke/", {"reason": "授错了"}).status_code == 302
    other = world.accounts["chair_gamma"].pk
    for url in (f"{other}/", f"{other}/grant/", f"{other}/password/", f"{other}/close/"):
        assert client.get(f"/desk/settings/accounts/{url}").status_code == 404, url
    beta = world.accounts["chair_beta"].pk
    assert client.get(f"/desk/settings/accounts/{beta}/grant/").status_code == 200
    assert client.post(f"/desk/settings/accounts/{beta}/close/", {"reason": "离任"}).status_code == 302
    assert not Account.objects.get(pk=beta).is_active
    for who in ("merchant", "clerk", "worker_alpha"):
        assert signed_in(who).get("/desk/settings/accounts/").status_code == 403, who
    assert signed_in("chair_alpha").get("/desk/settings/accounts/new/").status_code == 403


@pytest.mark.parametrize(
    ("account", "code", "allowed", "says"),
    [
        ("chair_alpha", "members.view", True, "按地方隶属"),
        ("transport_officer", "members.view", True, "按产业隶属"),
        ("chair_beta", "members.view", False, "不在这个工会的范围内"),
        ("leader", "members.view", False, "没有“查看会员名册”的权限"),
        ("river_rights", "members.edit", False, "条线"),
        ("worker_alpha", "members.view", False, "没有任何授权"),
    ],
)
def test_explanations(world: World, account: str, code: str, allowed: bool, says: str) -> None:
    paths = world.unions["alpha"].paths
    found = explain(world.accounts[account], code, paths, what="该会员", day=TODAY)
    assert found.allowed is allowed
    assert says in " ".join(one.text for one in found.sentences)
    if not allowed:
        assert found.grantors[0] == f"{world.unions['pier'].name}的上级工会干部"
    # The answer is the one that scope itself gives.
    assert world.actor(account).may(code, *paths) is allowed


def test_explaining_grants_of_other_days(world: World) -> None:
    grants = Grant.objects.everywhere(reason=WHY).filter(account=world.accounts["chair_alpha"])
    paths = world.unions["alpha"].paths
    grants.update(period=(date(2020, 1, 1), TODAY))
    found = explain(world.accounts["chair_alpha"], "members.view", paths, what="该会员", day=TODAY)
    assert "已经结束" in found.sentences[0].text
    grants.update(period=(TODAY + timedelta(days=1), None))
    found = explain(world.accounts["chair_alpha"], "members.view", paths, what="该会员", day=TODAY)
    assert "还没有开始" in found.sentences[0].text
    Account.objects.filter(pk=world.accounts["chair_alpha"].pk).update(is_active=False)
    account = Account.objects.get(username="chair_alpha")
    assert not explain(account, "members.view", paths, what="该会员", day=TODAY).allowed


def test_the_explaining_page(world: World, signed_in: SignIn) -> None:
    client, url = signed_in("pier_officer"), "/desk/settings/explain/"
    assert client.get(url).status_code == 200
    number = world.people["beta_1"].id_number.reveal()
    answer = client.post(url, {"account": "chair_alpha", "person": number})
    text = answer.content.decode()
    assert "不在这个工会的范围内" in text
    assert world.unions["beta"].name in text
    assert "查看会员名册：" in text
    union = client.post(url, {"account": "chair_beta", "union": world.unions["beta"].code}).content.decode()
    assert "按地方隶属" in union
    assert client.post(url, {"account": "chair_beta"}).status_code == 422
    assert client.post(url, {"account": "chair_gamma", "union": world.unions["beta"].code}).status_code == 422
    outside = {"account": "chair_beta", "person": world.people["gamma_1"].id_number.reveal()}
    assert client.post(url, outside).status_code == 422
    assert signed_in("chair_alpha").get(url).status_code == 403


def test_the_tables_are_what_the_docs_show() -> None:
    docs = (Path(settings.BASE_DIR) / "docs" / "permissions.md").read_text()
    assert docs == tables.markdown(), "运行 unionhall permissions --markdown > docs/permissions.md"


def test_the_commands_print_them() -> None:
    out = io.StringIO()
    call_command("roles", "--json", stdout=out)
    rows = {row["code"]: row for row in json.loads(out.getvalue())}
    assert set(rows) == {role.value for role in Role}
    assert set(rows["officer"]["may_grant"]) == {role.value for role in GRANTABLE[Role.OFFICER]}
    out = io.StringIO()
    call_command("permissions", "--json", stdout=out)
    assert {"code", "label", "line", "roles"} == set(json.loads(out.getvalue())[0])
    for name in ("roles", "permissions"):
        out = io.StringIO()
        call_command(name, stdout=out)
        assert "基层工会主席" in out.getvalue()


def test_a_refusal_tells_whom_to_ask(world: World, signed_in: SignIn) -> None:
    told = signed_in("chair_alpha").get("/desk/settings/accounts/new/").content.decode()
    assert "开通账号和授权" in told
    assert f"<li>{world.unions['pier'].name}的上级工会干部</li>" in told
