"""Tests that share an expensive set-up go to one process: only while pytest and xdist understand each other."""

import pytest


@pytest.mark.xdist_group("groups")
def test_groups_take_effect(request: pytest.FixtureRequest) -> None:
    if not hasattr(request.config, "workerinput"):
        pytest.skip("not distributed")
    assert request.node.nodeid.endswith("@groups")
