"""Samples of the public interface: a partner's program, where its events go, one that did not arrive."""

from collections.abc import Callable

from tests.world import World
from unionhall.api.actions import issue
from unionhall.api.models import Client, Delivery, Endpoint
from unionhall.foundation.actors import system_actor
from unionhall.records.outbox import publish

from .sample import UNION, Sample


def api_client(world: World) -> Client:
    """A partner's program that sees the union."""
    client, _ = issue(
        system_actor(), name="江城银行", organisation=world.unions[UNION], scopes=["organisations:read"],
        purpose="核对组织名称",
    )  # fmt: skip
    return client


def api_client_page(world: World) -> Sample:
    return Sample({"pk": api_client(world).pk}, world.unions[UNION].paths)


def api_endpoint(world: World) -> Endpoint:
    return Endpoint.objects.create(
        client=api_client(world), url="https://hooks.bank.example/", secret="whsec_c2VjcmV0",
        events=["organisation.moved"],
    )  # fmt: skip


def api_endpoint_page(world: World) -> Sample:
    return Sample({"pk": api_endpoint(world).pk}, world.unions[UNION].paths)


def api_delivery(world: World) -> Sample:
    found = Delivery.objects.create(
        endpoint=api_endpoint(world),
        event=publish("organisation.moved", paths=world.unions[UNION].paths, data={}),
    )
    return Sample({"pk": found.pk}, world.unions[UNION].paths)


API: dict[str, Callable[[World], Sample]] = {
    **dict.fromkeys(
        ("desk_client", "desk_client_rotate", "desk_client_revoke", "desk_endpoint_new"), api_client_page
    ),
    **{f"desk_endpoint{verb}": api_endpoint_page for verb in ("", "_edit", "_test", "_enable", "_remove")},
    "desk_delivery_resend": api_delivery,
}
