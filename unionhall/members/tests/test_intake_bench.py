"""`make bench` runs the intake's measurements (bench/intake.py) and passes their JSON lines on."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings


@pytest.mark.bench
def test_intake_against_raw_copy() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "UNIONHALL_HOME"}
    rows = "1000000" if os.environ.get("SCALE") == "city" else "50000"
    done = subprocess.run(
        [sys.executable, "bench/intake.py", "--rows", rows],
        stdout=subprocess.PIPE, text=True, env=environment, cwd=settings.BASE_DIR, check=True,
    )  # fmt: skip
    print("\n" + done.stdout, end="", flush=True)
    found = {item["name"]: item for item in map(json.loads, done.stdout.splitlines())}
    assert found["intake.csv"]["ratio"] > 0
    assert {"intake.again", "intake.undo", "intake.xlsx", "intake.memory"} <= set(found)
