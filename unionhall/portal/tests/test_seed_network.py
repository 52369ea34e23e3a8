"""The service network of a seeded city: set by set, as the verbs would leave it, counted by the figures."""

from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from tests.world import World
from unionhall.network import coverage
from unionhall.network.models import GridCell, GridItem, GridStep, GridUnit, GridWorker, Node, NodeHours
from unionhall.portal.seeding import stations

WHY = "test"


def _made() -> list[tuple[object, ...]]:
    rows = Node.objects.everywhere(reason=WHY).order_by("code")
    return list(rows.values_list("code", "name", "latitude", "state"))


@pytest.mark.django_db
def test_a_network_is_made_set_by_set(world: World) -> None:
    today = timezone.localdate()
    with transaction.atomic():
        stations.fill(today)
        first = _made()
        transaction.set_rollback(True)
    done = stations.fill(today)
    assert _made() == first, "chance is a digest of the row"
    counts: dict[str, Any] = {
        "nodes": Node, "hours": NodeHours, "cells": GridCell, "units": GridUnit, "workers": GridWorker,
        "items": GridItem, "steps": GridStep,
    }  # fmt: skip
    for name, model in counts.items():
        assert model.objects.everywhere(reason=WHY).count() == done[name], name
    assert (
        done["cells"] == stations.CELLS * Node.objects.everywhere(reason=WHY).filter(mode="hall").count() > 0
    )
    nodes = Node.objects.everywhere(reason=WHY)
    assert set(nodes.values_list("kind", flat=True)) == {"centre", "station", "point"}
    assert not nodes.filter(latitude=None).exists()
    for node in nodes:
        node.full_clean(exclude=["address"])
    closed = GridItem.objects.everywhere(reason=WHY).filter(state="closed")
    assert closed.exists()
    assert not closed.filter(closed_at=None).exists()
    figures = coverage.values(world.unions["province"], world.actor("province_officer").access)
    assert figures["network.cells"] == done["cells"]
    assert 0 < figures["network.cells_staffed"] == done["workers"]
