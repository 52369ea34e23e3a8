"""The job worker killed while it works a settlement file out: it goes on, nothing is paid twice, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import House

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]


def test_a_settlement_file_goes_on_where_its_worker_was_killed(house: House, tmp_path: Path) -> None:
    file, rows = house.do("settlements", str(tmp_path))
    before = -1
    for blow, chunks in enumerate((0, 2)):
        marker = tmp_path / f"reached-{blow}"
        worker = house.begin("work_settlements", str(marker), chunks)
        worker.reached(marker)
        worker.kill()
        assert worker.end() == -9
        standing = house.do("settled", file)
        assert (standing["wrong"], standing["state"]) == ([], "adjudicating")
        assert before < standing["lines"] < rows, "what was committed stays, what was under way is not there"
        assert standing["granted"] == standing["payments"] == standing["entries"] == standing["journal"]
        assert standing["decisions"] == standing["lines"]
        before = standing["lines"]
        house.do("some_minutes_pass")
    house.do("work_settlements")
    done = house.do("settled", file)
    assert (done["state"], done["lines"], done["wrong"]) == ("paid", rows, [])
    assert done["granted"] == done["payments"] == done["entries"] == done["journal"] > rows // 2
    assert done["decisions"] == rows
    assert done["paid"] == done["amount"]
    house.audit()
