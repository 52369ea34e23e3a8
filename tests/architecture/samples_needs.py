"""Samples of needs: a round of the union `alpha`."""

from collections.abc import Callable
from datetime import timedelta

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from tests.world import World
from unionhall.benefits.models import NeedsRound
from unionhall.benefits.schemes.needs import NeedsScheme
from unionhall.rulebook import scheme

from .sample import UNION, Sample


def needs_round(world: World) -> NeedsRound:
    today = timezone.localdate()
    version = scheme(NeedsScheme, on=today)
    return NeedsRound.objects.create(
        organisation=world.unions[UNION], title="需求征集", version=version.digest, made_by="主席",
        period=DateRange(today, today + timedelta(days=7)),
        choices=[group.model_dump(mode="json") for group in version.parameters.groups],
    )  # fmt: skip


def at_the_desk(world: World) -> Sample:
    return Sample({"pk": needs_round(world).pk}, world.unions[UNION].paths)


def on_the_phone(world: World) -> Sample:
    """Seen by the members of the union, whoever of them; test_needs.py says who gets 404."""
    return Sample({"pk": needs_round(world).pk})


NEEDS: dict[str, Callable[[World], Sample]] = {
    "m_needs_round": on_the_phone,
    "desk_needs_round": at_the_desk,
    "desk_needs_close": at_the_desk,
}
