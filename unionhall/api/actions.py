"""Verbs on clients and their endpoints: issue, rotate, revoke; add, change, enable, test, resend, remove."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from unionhall.foundation.actors import Actor
from unionhall.foundation.errors import Refused
from unionhall.kit.masking import hide_numbers
from unionhall.organisations.kinds import Status
from unionhall.organisations.models import Organisation
from unionhall.records import outbox
from unionhall.records.actions import journal

from . import tokens
from .events import EVENTS, TEST
from .models import Client, ClientToken, Delivery, Endpoint
from .scopes import DECLARED, Scope
from .webhooks import addresses

MANAGE = "api.clients"
MOST_A_MINUTE = 60_000
MOST_ENDPOINTS = 5
#: How long the former token may go on after a change.
OVERLAPS = {0: "立即失效", 24: "1 天后失效", 7 * 24: "7 天后失效", 30 * 24: "30 天后失效"}


def grantable(actor: Actor, organisation: Organisation) -> list[Scope]:
    """Scopes whose permission the actor holds over the whole subtree: a client never sees more than who opens it."""
    return [scope for scope, right in DECLARED.items() if _reaches(actor, right.permission, organisation)]


def _reaches(actor: Actor, permission: str, organisation: Organisation) -> bool:
    """Held in every chain in which the client will see: over one path alone it would see more in the other."""
    return all(actor.may(permission, path) for path in organisation.paths)


@transaction.atomic
def issue(
    actor: Actor,
    *,
    name: str,
    organisation: Organisation,
    scopes: Sequence[str],
    purpose: str,
    per_minute: int = 120,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> tuple[Client, str]:
    """Open a client; answers it and its token, which is shown once. Raises Refused."""
    actor.require(MANAGE, *organisation.paths)
    if not _reaches(actor, MANAGE, organisation):
        raise Refused("您的管理范围没有覆盖这个工会的两条隶属链，请由上级工会开通。", field="organisation")
    if organisation.status in {Status.DISSOLVED, Status.MERGED}:
        raise Refused("这个工会已撤销或合并。", field="organisation")
    wanted = [Scope(scope) for scope in dict.fromkeys(scopes)]
    if not wanted:
        raise Refused("请至少选择一个接口。", field="scopes")
    allowed = grantable(actor, organisation)
    if beyond := [scope.label for scope in wanted if scope not in allowed]:
        raise Refused(f"您自己没有这些权限，不能授予接入方：{'、'.join(beyond)}。", field="scopes")
    if not 1 <= per_minute <= MOST_A_MINUTE:
        raise Refused(f"每分钟次数应在 1 至 {MOST_A_MINUTE} 之间。", field="per_minute")
    start = valid_from or timezone.localdate()
    if valid_until is not None and valid_until <= max(start, timezone.localdate()):
        raise Refused("失效日期必须晚于今天和生效日期。", field="valid_until")
    try:
        with transaction.atomic():
            client = Client.objects.create(
                name=name.strip()[:40], organisation=organisation, scopes=[scope.value for scope in wanted],
                per_minute=per_minute, purpose=hide_numbers(purpose.strip())[:200], valid_from=start,
                valid_until=valid_until, reference_key=secrets.token_hex(32), created_by_id=actor.account_id,
                created_by=actor.name,
            )  # fmt: skip
    except IntegrityError:
        raise Refused("已有同名的接入方，请换一个名称。", field="name") from None
    token = _mint(actor, client)
    detail = {
        "scopes": client.scopes, "per_minute": per_minute, "from": start.isoformat(),
        "until": valid_until.isoformat() if valid_until else None,
    }  # fmt: skip
    journal(
        actor, "api.issue", subject=client, paths=organisation.paths, reason=client.purpose, detail=detail
    )
    return client, token


def _mint(actor: Actor, client: Client) -> str:
    made = tokens.mint()
    ClientToken.objects.create(
        client=client, prefix=made.prefix, key=made.key, digest=made.digest, issued_by=actor.name
    )
    return made.token


def _held(actor: Actor, client: Client) -> Client:
    """The locked client; whoever manages its organisation may act on it."""
    rows = Client.objects.everywhere(reason="the client at hand; permission is asked on its organisation")
    found = rows.select_for_update(of=("self",)).select_related("organisation").get(pk=client.pk)
    actor.require(MANAGE, *found.organisation.paths)
    if found.revoked_at is not None:
        raise Refused("这个接入方已经停用。")
    return found


def _require_all(actor: Actor, client: Client) -> None:
    """Whoever takes a client's token, or says where its events go, could see what it sees: raises Refused."""
    if not set(map(Scope, client.scopes)) <= set(grantable(actor, client.organisation)):
        raise Refused(
            "您自己没有这个接入方的全部权限，不能领取它的令牌或设置它的推送。请由有权限的上级工会办理。"
        )


@transaction.atomic
def rotate(actor: Actor, *, client: Client, overlap_hours: int) -> str:
    """A new token, shown once; the former ones go on for the overlap. Only for who may open such a client."""
    found = _held(actor, client)
    _require_all(actor, found)
    until = timezone.now() + timedelta(hours=overlap_hours)
    rows = ClientToken.objects.everywhere(reason="tokens of this very client").filter(client=found)
    for former in rows:
        if former.expires_at is None or former.expires_at > until:
            rows.filter(pk=former.pk).update(expires_at=until)
    token = _mint(actor, found)
    journal(
        actor, "api.rotate", subject=found, paths=found.organisation.paths,
        detail={"overlap_hours": overlap_hours},
    )  # fmt: skip
    return token


@transaction.atomic
def revoke(actor: Actor, *, client: Client, reason: str) -> None:
    """停用: every token is refused from now on, and nothing is pushed any more."""
    found = _held(actor, client)
    if len(reason.strip()) < 2:
        raise Refused("请填写停用原因。", field="reason")
    found.revoked_at, found.revoked_reason = timezone.now(), hide_numbers(reason.strip())[:200]
    found.save(update_fields=["revoked_at", "revoked_reason"])
    journal(actor, "api.revoke", subject=found, paths=found.organisation.paths, reason=reason)


# Endpoints -----------------------------------------------------------------------------------------------------


def receivable(client: Client) -> list[str]:
    """Event types that the client's scopes let it receive."""
    return [code for code, kind in EVENTS.items() if client.has(kind.scope)]


def _events(client: Client, wanted: Sequence[str]) -> list[str]:
    chosen = [code for code in receivable(client) if code in set(wanted)]
    if not chosen or len(chosen) != len(set(wanted)):
        raise Refused("请至少选择一种事件，且只能选这个接入方有权限的。", field="events")
    return chosen


@transaction.atomic
def add_endpoint(actor: Actor, *, client: Client, url: str, events: Sequence[str]) -> tuple[Endpoint, str]:
    """Where to push; answers the endpoint and its signing secret, which is shown once."""
    found = _held(actor, client)
    _require_all(actor, found)
    rows = Endpoint.objects.everywhere(reason="endpoints of this very client").filter(client=found)
    if rows.count() >= MOST_ENDPOINTS:
        raise Refused(f"一个接入方最多登记 {MOST_ENDPOINTS} 个推送地址。")
    secret = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    endpoint = Endpoint.objects.create(
        client=found, url=addresses.check_url(url), secret=secret, events=_events(found, events)
    )
    journal(
        actor, "api.add_endpoint", subject=endpoint, label=found.name, paths=found.organisation.paths,
        detail={"client": found.pk, "events": endpoint.events},
    )  # fmt: skip
    return endpoint, secret


def _endpoint(actor: Actor, endpoint: Endpoint) -> Endpoint:
    rows = Endpoint.objects.everywhere(reason="the endpoint at hand; permission is asked on its client")
    found = rows.select_for_update(of=("self",)).select_related("client__organisation").get(pk=endpoint.pk)
    _held(actor, found.client)
    return found


def _note(actor: Actor, verb: str, endpoint: Endpoint, **detail: object) -> None:
    client = endpoint.client
    journal(
        actor, f"api.{verb}", subject=endpoint, label=client.name, paths=client.organisation.paths,
        detail={"client": client.pk, **detail},
    )  # fmt: skip


@transaction.atomic
def change_endpoint(actor: Actor, *, endpoint: Endpoint, url: str, events: Sequence[str]) -> Endpoint:
    """Another address or other events; the secret stays."""
    found = _endpoint(actor, endpoint)
    _require_all(actor, found.client)
    found.url, found.events = addresses.check_url(url), _events(found.client, events)
    found.save(update_fields=["url", "events"])
    _note(actor, "change_endpoint", found, events=found.events)
    return found


@transaction.atomic
def enable_endpoint(actor: Actor, *, endpoint: Endpoint) -> Endpoint:
    """Push there again; what waited when it was stopped comes first."""
    found = _endpoint(actor, endpoint)
    _require_all(actor, found.client)
    if found.disabled_at is None:
        raise Refused("推送没有停止，不需要恢复。")
    found.disabled_at, found.disabled_because, found.failing_since = None, "", None
    found.save(update_fields=["disabled_at", "disabled_because", "failing_since"])
    waiting = Delivery.objects.everywhere(reason="pushes of this very endpoint").filter(endpoint=found)
    waiting.filter(state=Delivery.State.WAITING).update(next_at=timezone.now(), attempts=0)
    _note(actor, "endpoint_enabled", found)
    return found


@transaction.atomic
def remove_endpoint(actor: Actor, *, endpoint: Endpoint) -> None:
    """The address, its secret and its pushes go."""
    found = _endpoint(actor, endpoint)
    _note(actor, "remove_endpoint", found)
    found.delete()


@transaction.atomic
def try_endpoint(actor: Actor, *, endpoint: Endpoint) -> Delivery:
    """Send a test event, to this endpoint only."""
    found = _endpoint(actor, endpoint)
    if found.disabled_at is not None:
        raise Refused("推送已停止，请先恢复。")
    client = found.client
    event = outbox.publish(TEST, paths=client.organisation.paths, data={"message": "职工之家推送测试"})
    event.taken_at = timezone.now()  # it is for nobody else
    event.save(update_fields=["taken_at"])
    return Delivery.objects.create(endpoint=found, event=event)


@transaction.atomic
def resend(actor: Actor, *, delivery: Delivery) -> Delivery:
    """Push once more, under the same id: the receiver may know it already."""
    rows = Delivery.objects.everywhere(reason="the push at hand; permission is asked on its client")
    # The endpoint first, as everywhere: who settles or removes would else wait for us, and we for them.
    endpoint = _endpoint(actor, rows.select_related("endpoint").get(pk=delivery.pk).endpoint)
    _require_all(actor, endpoint.client)
    if endpoint.disabled_at is not None:
        raise Refused("推送已停止，请先恢复。")
    found = rows.select_for_update(of=("self",)).get(pk=delivery.pk)
    found.state, found.attempts, found.next_at, found.fault = Delivery.State.WAITING, 0, timezone.now(), ""
    found.save(update_fields=["state", "attempts", "next_at", "fault"])
    _note(actor, "resend", endpoint, delivery=found.pk)
    return found
