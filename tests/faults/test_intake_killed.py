"""A roster on its way, its worker or its database killed at any moment: in the end all of it, once."""

from __future__ import annotations

import pytest

from .conftest import House

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]
ROWS = 1500


def received(house: House, seed: int, rows: int = ROWS, errors: int = 3) -> int:
    path = house.home.parent / f"roster-{seed}.csv"
    house.do("roster", str(path), rows, errors, seed)
    return int(house.do("receive", str(path), house.do("union")))


def test_the_worker_is_killed_while_checking_committing_and_taking_back(house: House) -> None:
    before = house.audit()
    batch = received(house, seed=101)
    hits = house.killed_again_and_again("check", batch, seed=1)
    seen = house.do("check", batch)
    assert seen["state"] == "ready"
    assert sum(seen["counts"].values()) == ROWS
    assert seen["counts"]["new"] >= ROWS - 4
    house.do("ask_commit", batch)
    hits += house.killed_again_and_again("commit", batch, seed=2)
    done = house.do("commit", batch)
    assert done["state"] == "committed"
    new = done["counts"]["new"]
    assert done["counts"]["cards"] == new
    after = house.audit()
    assert after["person"] == before["person"] + new
    assert after["membership"] == before["membership"] + new
    assert after["card"] == before["card"] + new
    house.do("ask_undo", batch)
    hits += house.killed_again_and_again("undo", batch, seed=3)
    assert house.do("undo", batch)["counts"]["undo_removed"] == new
    assert hits, "no kill hit anything: the moments are chosen badly"
    again = house.audit()
    assert (again["person"], again["membership"]) == (before["person"], before["membership"])


@pytest.mark.parametrize("act", ["check", "commit", "undo"])
def test_the_database_is_killed_in_the_middle(house: House, act: str) -> None:
    before = house.audit()
    batch = received(house, seed=110 + len(act))
    if act != "check":
        house.do("check", batch)
        house.do("ask_commit", batch)
    if act == "undo":
        house.do("commit", batch)
        house.do("ask_undo", batch)
    running = house.begin(act, batch)
    running_for = {"check": 0.35, "commit": 0.25, "undo": 0.15}[act]
    running.while_running(running_for, house.crash)
    house.start()
    # The act noticed (or was done already); the queue hands the job to a worker again.
    again = house.do(act, batch)
    if act == "commit" and again["state"] == "ready":
        house.do("ask_commit", batch)
        again = house.do(act, batch)
    assert again["state"] == {"check": "ready", "commit": "committed", "undo": "undone"}[act]
    after = house.audit()
    grown = again["counts"]["new"] if act == "commit" else 0
    assert after["person"] == before["person"] + grown


def test_a_disk_that_is_full_refuses_in_words_and_is_forgiven(house: House) -> None:
    if not house.small_disk:
        pytest.skip("this machine lets nobody mount a small disk")
    before = house.audit()
    batch = received(house, seed=120, rows=4000)
    house.do("check", batch)
    house.do("ask_commit", batch)
    with house.full_disk(left=2 << 20):
        house.begin("commit", batch).end()
    house.revive()
    assert house.audit()["person"] == before["person"], "nothing was written while there was no room"
    state = house.do("commit", batch)
    if state["state"] == "ready":
        assert "空间" in state["message"]
        house.do("ask_commit", batch)
        state = house.do("commit", batch)
    assert state["state"] == "committed"
    after = house.audit()
    assert after["person"] == before["person"] + state["counts"]["new"]


@pytest.mark.parametrize(
    "rows", [20_000, *(pytest.param(rows, marks=pytest.mark.soak) for rows in (200_000, 1_000_000))]
)
def test_one_bad_row_among_many_stops_only_itself(house: House, rows: int) -> None:
    before = house.audit()
    batch = received(house, seed=130 + rows // 1000, rows=rows, errors=1)
    seen = house.do("check", batch)
    assert seen["counts"] == {"new": rows - 1, "error": 1}
    house.do("ask_commit", batch)
    assert house.do("commit", batch)["counts"]["cards"] == rows - 1
    assert house.audit()["person"] == before["person"] + rows - 1
