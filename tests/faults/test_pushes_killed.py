"""The job worker killed while it pushes: again under the same id, none lost. Messages to many: all of them or none."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from unionhall.api.tests.receiver import receiver
from unionhall.api.webhooks.delivering import EACH

from .conftest import House

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]
EVENTS = 24


def test_the_worker_is_killed_while_it_pushes(house: House) -> None:
    with receiver() as there:
        assert house.do("listen", there.url) >= EVENTS
        wanted = house.do("suspend_cards", EVENTS)
        assert len(wanted) == EVENTS
        hits = 0
        for _ in range(2):
            seen = len(there.came)
            worker = house.begin("work")
            until = time.monotonic() + 30
            while len(there.came) == seen and time.monotonic() < until:
                time.sleep(0.001)
            worker.kill()
            hits += worker.end() == -9
            house.do("some_minutes_pass")
        left = house.do("pushed")
        assert left["todo"] == 1, "the next one waits, and the dead worker's own keeps it from nothing"
        assert left["waiting"], "nothing was left for it to do: the worker was hit too late"
        house.do("work")
    assert hits
    done = house.do("pushed")
    assert done["delivered"] == EVENTS
    assert done["aborted"], "what a dead worker held is left to the next of its kind"
    assert {"waiting", "given_up", "todo", "doing"}.isdisjoint(done)
    # A request that was cut short by the kill is none: every receiver sees it by its length.
    whole = [one for one in there.came if len(one.body) == int(one.headers["content-length"])]
    came = Counter(one.headers["webhook-id"] for one in whole)
    assert set(came) == set(wanted), "none is lost, none is made up"
    assert came.total() - EVENTS <= hits * EACH, "only what was on its way is sent again"
    assert len({(one.headers["webhook-id"], one.body) for one in whole}) == EVENTS, "the same text"


def test_a_message_to_many_is_sent_to_all_or_to_none(house: House) -> None:
    hits = house.killed_again_and_again("tell_everybody", seed=6, moments=(0.005, 0.01, 0.02, 0.03))
    entries, messages = house.do("told")
    house.do("tell_everybody")
    once = house.do("told")[1] - messages
    assert once > 0
    assert messages == entries * once, (
        "each entry of the journal stands for all messages, and none without one"
    )
    assert hits
