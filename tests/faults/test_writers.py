"""Eight desks write at once on the same thirty people and a handful of unions; two of them do the very same thing.

Six admit, move, transfer through reviews, end, edit, move unions in the tree, establish and merge them, and fold; two
take in rosters and take them back.
"""

from __future__ import annotations

import pytest

from .conftest import House

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]
ACTS = 30


def test_eight_writers_never_deadlock_and_everything_still_adds_up(house: House) -> None:
    running = [house.begin("wander", seed, ACTS) for seed in range(6)]
    running += [house.begin("rosters", str(house.home.parent), seed, 4) for seed in (6, 7)]
    done = [act.value() for act in running]
    total = {verb: sum(one.get(verb, 0) for one in done) for one in done for verb in one}
    wanted = ("move", "retain", "edit", "move_union", "transfer", "decide", "merge_unions", "commit", "undo")
    assert [verb for verb in wanted if not total.get(verb)] == [], total
    house.audit()


def test_two_operators_commit_and_take_back_the_same_batch_at_once(house: House) -> None:
    before = house.audit()
    path = house.home.parent / "both.csv"
    house.do("roster", str(path), 400, 0, 140)
    batch = house.do("receive", str(path), house.do("union", 1))
    for act in ("check", "commit", "undo"):
        if act != "check":
            both = [house.begin(f"ask_{act}", batch) for _ in range(2)]
            refusals = [told for one in both if (told := one.failure())]
            assert len(refusals) == 1, refusals
            assert "Refused" in refusals[0]
        both = [house.begin(act, batch) for _ in range(2)]
        first, second = (one.value() for one in both)
        assert first["state"] == second["state"]
        assert first["counts"] == second["counts"]
    after = house.audit()
    assert (after["person"], after["membership"]) == (before["person"], before["membership"])
