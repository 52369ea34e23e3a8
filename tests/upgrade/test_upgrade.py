"""The data of each earlier release, brought to the present: nothing lost, everything opens, proven and counted.

A fixture is a backup that the release itself made (tests/upgrade/make.py; docs/migrations.md says how).
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
RELEASES = sorted(path for path in HERE.iterdir() if (path / "facts.json").exists())
#: Tables whose rows an upgrade may add to: what Django and the migrations themselves write.
GROWING = {"django_migrations", "django_content_type", "auth_permission"}
#: Emptied by a migration: what stood there stands elsewhere, and is looked at below.
MOVED = {"organising_admissiondraft"}


@pytest.mark.slow
@pytest.mark.xdist_group("cli")
@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_an_earlier_release_comes_up_to_date(release: Path) -> None:
    facts = json.loads((release / "facts.json").read_text())
    with tempfile.TemporaryDirectory(prefix="uh-") as place:
        home = Path(place) / "home"
        home.mkdir()
        shutil.copy(release / "keys.json", home / "keys.json")
        (home / "keys.json").chmod(0o600)
        dropped = ("DATABASE_URL", "UNIONHALL_DEMO", "UNIONHALL_KEYS", "UNIONHALL_FEDERATION")
        kept = {name: value for name, value in os.environ.items() if name not in dropped}
        answer = subprocess.run(
            [sys.executable, "-m", "tests.upgrade.walk", str(release)],
            env=kept | {"UNIONHALL_HOME": str(home), "DJANGO_SETTINGS_MODULE": "unionhall.settings"},
            cwd=HERE.parent.parent, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout.strip().splitlines()[-1])

    assert found["restored"] == facts["tables"]
    assert found["pending"] > 0
    assert found["left"] == []
    for table, rows in facts["tables"].items():
        if table not in GROWING | MOVED:
            assert found["migrated"].get(table) == rows, table
    assert found["journal"][0], "verified before anything new was sealed"
    assert found["journal"][1:4:2] == [1, 0]
    assert found["journal"][2], "and after"
    assert found["identity"] == facts["identity"]
    assert found["found_by_number"] == facts["person"]
    assert found["attachment"] == "before the upgrade"
    assert found["draft"] == {"name": "张海林"}
    assert found["second_factor"] == "JBSWY3DP"
    assert found["card"] == "会员卡有效"
    assert found["figures"]["told"] == facts["members"]
    assert found["figures"]["counted"] == facts["members"]
    assert set(found["pages"].values()) == {200}, found["pages"]


def test_there_is_a_release_to_come_from() -> None:
    assert RELEASES
