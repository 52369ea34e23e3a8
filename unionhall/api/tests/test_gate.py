"""Tokens, quotas, and that every error below /api/ is a problem, whoever made it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from tests.world import World
from unionhall.api import actions, authentication, limits
from unionhall.api.access import ClientAccess, actor_of
from unionhall.api.models import Client, ClientToken, Quota
from unionhall.api.scopes import DECLARED, Scope
from unionhall.foundation.actors import Actor, NotAllowed
from unionhall.foundation.errors import Refused
from unionhall.members.models import RosterBatch
from unionhall.members.tests import intake_files as make
from unionhall.organisations.models import Organisation
from unionhall.records.models import JournalEntry

from .clients import ALL, WHY, Caller, issued, problem

READ = [Scope.ORGANISATIONS_READ]


def wait(client: Client, **by: Any) -> None:
    """Let time pass for the client's quota."""
    with connection.cursor() as cursor:
        given: list[Any] = [timedelta(**by), client.pk]
        cursor.execute("UPDATE api_quota SET at = at - %s WHERE client_id = %s", given)


# Tokens --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "x", "uh_abcdefghij_" + "A" * 43, "uh_abcdefghij_" + "钥" * 43])
def test_without_a_right_token_nothing_opens(world: World, token: str) -> None:
    caller = Caller()
    if token:
        caller.headers = {"Authorization": f"Bearer {token}".encode().decode("latin-1")}
    for path in ("/organisations", "/organisations/T42-00000", "/rosters/1", "/figures"):
        response = caller.get(path)
        problem(response, 401, "unauthorised")
        assert response["WWW-Authenticate"].startswith('Bearer realm="unionhall"')
    problem(caller.post("/members/status", {"id_number": "1"}), 401, "unauthorised")


def test_a_desk_session_is_no_token(world: World, signed_in: Any) -> None:
    browser = signed_in("province_officer")
    problem(browser.get("/api/v1/organisations"), 401, "unauthorised")


def test_only_a_keyed_digest_is_kept(world: World) -> None:
    client, token = issued(world)
    row = ClientToken.objects.everywhere(reason=WHY).get(client=client)
    assert token.startswith(row.prefix + "_")
    secret = token.removeprefix(row.prefix + "_")
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(t::text, ' ') FROM api_clienttoken t")
        assert secret not in cursor.fetchone()[0]
    assert secret not in str(
        JournalEntry.objects.everywhere(reason=WHY).filter(action="api.issue").values().get()
    )
    assert row.key.reveal() not in str(row.digest)


def test_tokens_end(world: World) -> None:
    """Revoked, expired and not yet valid look alike; a rotation overlaps."""
    client, first = issued(world, scopes=READ)
    assert Caller(first).get("/organisations").status_code == 200
    officer = world.actor("province_officer")
    second = actions.rotate(officer, client=client, overlap_hours=24)
    assert [Caller(one).get("/organisations").status_code for one in (first, second)] == [200, 200]
    tokens = ClientToken.objects.everywhere(reason=WHY)
    tokens.filter(client=client, expires_at__isnull=False).update(expires_at=timezone.now())
    said = [problem(Caller(first).get("/organisations"), 401, "unauthorised")]
    third = actions.rotate(officer, client=client, overlap_hours=0)
    said.append(problem(Caller(second).get("/organisations"), 401, "unauthorised"))
    rows = Client.objects.everywhere(reason=WHY).filter(pk=client.pk)
    today = timezone.localdate()
    rows.update(valid_until=today)
    said.append(problem(Caller(third).get("/organisations"), 401, "unauthorised"))
    rows.update(valid_until=None, valid_from=today + timedelta(days=1))
    said.append(problem(Caller(third).get("/organisations"), 401, "unauthorised"))
    rows.update(valid_from=today)
    assert Caller(third).get("/organisations").status_code == 200
    actions.revoke(officer, client=client, reason="合作到期")
    said.append(problem(Caller(third).get("/organisations"), 401, "unauthorised"))
    assert len({one["detail"] for one in said}) == 1
    assert rows.get().tokens.everywhere(reason=WHY).exclude(last_used_at=None).exists()
    with pytest.raises(Refused, match="已经停用"):
        actions.rotate(officer, client=client, overlap_hours=0)


def test_guessing_is_slowed_down_and_locks_nobody_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authentication, "BAD_TOKENS", 3)
    _, token = issued(world, scopes=READ)
    wrong = Caller(token[:-4] + "AAAA")
    for _ in range(3):
        problem(wrong.get("/organisations"), 401, "unauthorised")
    refused = wrong.get("/organisations")
    problem(refused, 429, "rate-limited")
    assert 1 <= int(refused["Retry-After"]) <= 600
    assert Caller(token).get("/organisations").status_code == 200, "same address, right token"
    problem(Caller().get("/organisations"), 401, "unauthorised")


# A client's eyes -----------------------------------------------------------------------------------------------


def test_a_client_sees_what_its_scopes_carry(world: World) -> None:
    client, _ = issued(world, "alpha", scopes=[Scope.FIGURES_READ, Scope.ROSTERS_WRITE])
    access = ClientAccess(client)
    assert access.prefixes("organisations.figures") == world.unions["alpha"].paths
    assert access.prefixes("members.intake") == world.unions["alpha"].paths
    for code in ("members.view", "organisations.view", "members.reveal", "api.clients", "access.grant"):
        assert access.prefixes(code) == ()
    actor = actor_of(client)
    assert (actor.account_id, actor.name) == (None, f"接口 {client.name}")


def test_no_wider_than_who_opens_it(world: World) -> None:
    operator = world.actor("operator")
    assert set(actions.grantable(operator, world.unions["east"])) == {
        Scope.ORGANISATIONS_READ,
        Scope.FIGURES_READ,
    }
    with pytest.raises(Refused, match="核验会员卡、查询会员身份"):
        issued(world, by="operator", scopes=ALL)
    with pytest.raises(NotAllowed):
        issued(world, "delta", by="river_officer")
    with pytest.raises(NotAllowed):  # of another line of work
        issued(world, "east", by="river_rights")
    with pytest.raises(NotAllowed):
        issued(world, "alpha", by="chair_alpha")
    client, _ = issued(world, by="river_officer")
    with pytest.raises(Refused, match="全部权限"):  # whoever takes the token would see what he may not
        actions.rotate(operator, client=client, overlap_hours=0)
    actions.revoke(operator, client=client, reason="令牌疑似泄露")


def test_both_chains_must_be_covered(world: World) -> None:
    """A federation's officer over the street alone: the union's industry chain leads further up, but not below it."""
    pier: Actor = world.actor("pier_officer")
    alpha: Organisation = world.unions["alpha"]
    assert not alpha.second_path.startswith(world.unions["pier"].path)
    with pytest.raises(Refused, match="两条隶属链"):
        issued(world, "alpha", by="pier_officer", scopes=READ)
    assert actions.grantable(pier, world.unions["beta"]) == list(ALL)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"per_minute": 0}, "per_minute"),
        ({"valid_until": timezone.localdate()}, "valid_until"),
        ({"name": "同名"}, "name"),
    ],
    ids=lambda one: str(next(iter(one))) if isinstance(one, dict) else one,
)
def test_a_client_that_cannot_be(world: World, wrong: dict[str, Any], field: str) -> None:
    issued(world, name="同名")
    with pytest.raises(Refused) as refusal:
        issued(world, **wrong)
    assert refusal.value.field == field


def test_every_scope_stands_on_a_declared_permission() -> None:
    from unionhall.foundation.permissions import permission

    assert {permission(right.permission).code for right in DECLARED.values()}
    assert set(DECLARED) == set(Scope)


# Quotas --------------------------------------------------------------------------------------------------------


def test_the_quota_holds_and_fills_evenly(world: World) -> None:
    client, token = issued(world, scopes=READ, per_minute=3)
    caller = Caller(token)
    headers = [caller.get("/organisations") for _ in range(3)]
    assert [one.status_code for one in headers] == [200, 200, 200]
    assert headers[0]["RateLimit-Policy"] == '"client";q=3;w=60'
    assert headers[0]["RateLimit"] == '"client";r=2;t=0'
    refused = caller.get("/organisations")
    problem(refused, 429, "rate-limited")
    assert 18 <= int(refused["Retry-After"]) <= 20
    assert refused["RateLimit"].startswith('"client";r=0;t=')
    other = Caller(issued(world, "pier", scopes=READ, per_minute=3)[1])
    assert other.get("/organisations").status_code == 200, "another client"
    wait(client, seconds=20)
    assert [caller.get("/organisations").status_code for _ in range(2)] == [200, 429]
    wait(client, hours=5)
    assert [caller.get("/organisations").status_code for _ in range(4)] == [200, 200, 200, 429]
    wait(client, hours=-5)  # a clock set back gives nothing and takes nothing
    assert caller.get("/organisations").status_code == 429


def test_a_refused_scope_costs_a_call(world: World) -> None:
    caller = Caller(issued(world, scopes=READ, per_minute=1)[1])
    problem(caller.get("/figures"), 403, "scope-missing")
    problem(caller.get("/figures"), 429, "rate-limited")


@pytest.mark.django_db(transaction=True)
def test_eight_connections_share_one_quota(world: World) -> None:
    client, _ = issued(world, per_minute=25)

    def ask(_: int) -> bool:
        try:
            return limits.take(client).allowed
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(80))) == 25
    assert Quota.objects.get().tokens < 1


@pytest.mark.django_db(transaction=True)
def test_the_same_request_from_four_connections_acts_once(world: World, tmp_path: Path) -> None:
    """The others wait for the first and are given its answer."""
    caller = issued(world)[1]
    content = make.text(tmp_path / "r.csv", make.roster(1)).read_bytes()

    def send(_: int) -> tuple[int, Any]:
        try:
            fields = {
                "file": SimpleUploadedFile("r.csv", content),
                "organisation": world.unions["alpha"].code,
            }
            found = Caller(caller).post("/rosters", key="at-the-same-time", data=fields)
            return found.status_code, found.json()["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(send, range(4)))
    assert {status for status, _ in answers} == {202}
    assert len(answers) == 1
    assert RosterBatch.objects.everywhere(reason=WHY).count() == 1


# Problems ------------------------------------------------------------------------------------------------------


@pytest.fixture
def east(world: World) -> Caller:
    return Caller(issued(world)[1])


def test_what_stands_nowhere(world: World, east: Caller) -> None:
    for path in (
        "/api/v1/nothing",
        "/api/v1/",
        "/api/nothing",
        "/api/v1/organisations/",
        "/api/v1/rosters/abc/x/y",
    ):
        for method in ("get", "post", "put"):
            problem(getattr(east.browser, method)(path, headers=east.headers), 404, "not-found")


def test_methods_bodies_and_sizes(world: World, east: Caller) -> None:
    response = east.browser.delete("/api/v1/organisations", headers=east.headers)
    problem(response, 405, "method-not-allowed")
    assert response["Allow"] == "GET"
    said = problem(east.post("/cards/verify", data="{", content_type="application/json"), 400, "bad-request")
    assert "JSON" in said["detail"]
    for text in (
        '{"code": "a\\u0000b"}',
        '{"code": "\\ud800"}',
        '{"code": NaN}',
        b'{"code": "\xff"}',
        "[" * 5000,
    ):
        problem(east.post("/cards/verify", data=text, content_type="application/json"), 400, "bad-request")
    problem(
        east.post("/cards/verify", data="code=A", content_type="text/plain"), 415, "unsupported-media-type"
    )
    problem(east.post("/rosters", {}, key="roster-0001"), 415, "unsupported-media-type")
    large = east.post("/cards/verify", {"code": "A" * 70_000})
    assert "64 KB" in problem(large, 413, "too-large")["detail"]
    problem(east.post("/cards/verify", data="null", content_type="application/json"), 422, "invalid")
    problem(east.post("/cards/verify"), 415, "unsupported-media-type")
    problem(east.browser.get("/api/v1/organisations?kind=%00", headers=east.headers), 400, "bad-request")
    said = problem(east.get("/organisations", leval=4), 422, "invalid")
    assert said["errors"][0] == {
        "pointer": None,
        "parameter": "leval",
        "detail": "没有这个参数，请删去或改正。",
    }
    number = east.get("/rosters/99999999999999999999")
    assert problem(number, 422, "invalid")["errors"][0]["parameter"] == "number"
    broken = east.post(
        "/rosters", key="roster-0001", data=b"--x\r\nnothing", content_type="multipart/form-data"
    )
    problem(broken, 400, "bad-request")


def test_a_roster_beyond_the_limit_is_refused_by_its_headers(world: World, east: Caller) -> None:
    response = east.browser.post(
        "/api/v1/rosters", data=b"-", content_type="multipart/form-data; boundary=x", headers=east.headers,
        CONTENT_LENGTH=str(settings.INTAKE_MAX_BYTES + 2**20),
    )  # fmt: skip
    problem(response, 413, "too-large")


def test_a_fault_of_ours_tells_nothing(world: World, east: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("unionhall.api.endpoints.organisations._on", broken)
    for debug in (False, True):
        with override_settings(DEBUG=debug):
            response = east.get("/organisations")
            problem(response, 500, "server-error")
            assert b"secret inside" not in response.content


@override_settings(ALLOWED_HOSTS=["partner.example"])
def test_what_the_framework_refuses(world: World, east: Caller) -> None:
    problem(east.browser.get("/api/v1/organisations", headers={"Host": "other.example"}), 400, "bad-request")
    assert east.browser.get("/", headers={"Host": "other.example"})["Content-Type"].startswith("text/html")


def test_answers_are_not_kept_by_caches(world: World, east: Caller) -> None:
    response = east.get("/organisations")
    assert response["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response


def test_a_refusal_inside_a_transaction_leaves_the_quota_counted(world: World) -> None:
    client, token = issued(world, scopes=READ, per_minute=5)
    with transaction.atomic():
        Caller(token).get("/organisations/T42-99999")
    assert int(Quota.objects.get(client=client).tokens) == 4
