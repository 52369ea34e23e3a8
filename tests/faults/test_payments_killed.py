"""kill -9 in the middle of a batch: nothing paid twice, nothing lost, and the books balance after every blow."""

from __future__ import annotations

import pytest

from .conftest import House

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]
ROWS = 3000


def test_payments_by_the_thousand_and_their_way_through_the_bank(house: House) -> None:
    assert house.do("open_money") == 200
    hits = 0
    for seed, (act, arguments) in enumerate(
        (("pay_everybody", (ROWS,)), ("to_the_bank", ()), ("answered", ()))
    ):
        for moment in (0.05, 0.15, 0.3):
            running = house.begin(act, *arguments)
            running.kill(after=moment + seed / 100)
            hits += running.end() == -9
            standing = house.do("money")
            assert standing["faults"] == []
            assert sum(standing["states"].values()) in (0, ROWS), "all of them or none"
        house.do(act, *arguments)
    assert hits, "every act had ended before it was hit"
    assert house.do("pay_everybody", ROWS) == 0
    paid, returned, known = house.do("answered")
    assert (paid + returned, known) == (ROWS, 1)
    standing = house.do("money")
    assert standing["faults"] == []
    assert standing["states"] == {"paid": paid, "returned": returned}
    assert standing["moves"] == {"granted": 1, "due": ROWS, "paid": paid}
