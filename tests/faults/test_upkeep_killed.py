"""What keeps the house, killed: folding of figures, and sealing everything anew with a new key while desks write.

First the database under both at once, then each worker alone.
"""

from __future__ import annotations

import pytest

from .conftest import House

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]


def test_folding_is_killed_while_desks_write(house: House) -> None:
    desks = [house.begin("wander", seed, 40) for seed in (21, 22)]
    hits = house.killed_again_and_again("fold", seed=4, moments=(0.002, 0.01, 0.02, 0.04, 0.08))
    for desk in desks:
        desk.value()
    house.audit()  # folded and unfolded together equal the register
    house.do("fold")
    house.audit()
    assert hits


def test_folding_and_rotating_keys_outlive_the_database_and_their_workers(house: House) -> None:
    number = str(house.do("use_a_new_key"))
    folded, resealed = house.home.parent / "folded", house.home.parent / "resealed"
    folding = house.begin("fold_and_hold", str(folded), 33)
    folding.reached(folded)
    resealing = house.begin("reseal_in_small_steps", str(resealed), 8)
    resealing.reached(resealed)
    house.crash()
    assert "OperationalError" in folding.failure()
    assert "OperationalError" in resealing.failure()
    house.start()
    house.audit()  # what was folded and not committed is neither lost nor doubled
    seen = house.do("sealed_values")
    assert len(seen["keys"]) > 1, "it was hit in the middle"
    assert seen["opened"] == seen["people"]
    # It goes on where it was, killed again while desks write, and ends.
    desks = [house.begin("wander", seed, 30) for seed in (31, 32)]
    hits = house.killed_again_and_again("reseal", seed=5, moments=(0.01, 0.1, 0.2))
    for desk in desks:
        desk.value()
    assert house.do("reseal")
    seen = house.do("sealed_values")
    assert list(seen["keys"]) == [number], "nothing stands under an old key"
    assert seen["opened"] == seen["people"]
    assert seen["found"] == 50
    house.do("fold")
    house.audit()
    assert hits
