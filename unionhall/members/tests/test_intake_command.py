"""`unionhall intake` and `unionhall roster`: what they print, what they leave, how they refuse."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.world import World
from unionhall.kit.identifiers import check_resident_id
from unionhall.members.models import Membership, RosterBatch
from unionhall.members.synthetic import BLOCKS, PROVINCES, REFERENCE_DAY, is_synthetic_division, people
from unionhall.records.models import Attachment

from . import intake_files as make

WHY = "test"


def run(*arguments: str) -> dict[str, Any]:
    out = io.StringIO()
    call_command("intake", *arguments, "--json", stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def test_a_dry_run_tells_and_leaves_nothing(world: World, tmp_path: Path) -> None:
    path = make.text(tmp_path / "a.csv", make.roster(3, phone={2: "12"}))
    found = run(str(path), "--organisation", world.unions["alpha"].code, "--dry-run")
    assert found == {
        "rows": 3, "new": 2, "changed": 0, "same": 0, "transfers": 0, "batch": None,
        "errors": [{"row": 3, "column": "手机号", "message": "手机号应为 11 位数字。请核对是否多填或少填。"}],
    }  # fmt: skip
    assert not RosterBatch.objects.everywhere(reason=WHY).exists()
    assert not Attachment.objects.everywhere(reason=WHY).exists()


def test_a_file_goes_in_and_in_again(world: World, tmp_path: Path) -> None:
    path = make.xlsx(tmp_path / "a.xlsx", make.roster(3))
    code = world.unions["alpha"].code
    first = run(str(path), "--organisation", code)
    assert (first["new"], first["same"], first["errors"]) == (3, 0, [])
    assert Membership.objects.everywhere(reason=WHY).filter(batch=first["batch"]).count() == 3
    second = run(str(path), "--organisation", code)
    assert (second["new"], second["same"]) == (0, 3)


@pytest.mark.parametrize("as_json", [True, False])
def test_a_whole_file_is_refused(as_json: bool, world: World, tmp_path: Path) -> None:
    path = make.text(tmp_path / "a.csv", [["姓名", "电话"], ["甲", "1"]])
    for arguments, said in (
        ([str(path), "--organisation", world.unions["alpha"].code], "证件号码"),
        ([str(path), "--organisation", "nowhere"], "nowhere"),
        ([str(tmp_path / "none.csv"), "--organisation", "nowhere"], "找不到文件"),
    ):
        out = io.StringIO()
        with pytest.raises(CommandError, match=said):
            call_command("intake", *arguments, *(["--json"] if as_json else []), stdout=out)
        assert not as_json or said in json.loads(out.getvalue())["refused"]


def test_rosters_are_the_same_for_the_same_seed(tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in ("a.csv", "b.csv", "c.csv"))
    for path, seed in ((first, 3), (second, 3), (third, 4)):
        call_command(
            "roster", "--rows=200", "--errors=20", f"--out={path}", f"--seed={seed}", stdout=io.StringIO()
        )
    assert first.read_bytes() == second.read_bytes()
    assert first.read_bytes() != third.read_bytes()
    with pytest.raises(CommandError):
        call_command("roster", "--rows=3", "--errors=3", f"--out={first}", stdout=io.StringIO())


def test_synthetic_people_are_plausible_and_nobody() -> None:
    frame = people(20_000, 7)
    assert frame["id_number"].n_unique() == frame["phone"].n_unique() == 20_000
    for person in frame.head(300).iter_rows(named=True):
        facts = check_resident_id(person["id_number"], REFERENCE_DAY)
        assert (facts.birth, facts.sex.value) == (person["birth"], person["sex"])
        assert is_synthetic_division(facts.division_code)
        assert person["joined_on"] <= REFERENCE_DAY
    ages = (REFERENCE_DAY.year - frame["birth"].dt.year()).to_list()
    assert min(ages) >= 18
    assert max(ages) <= 61
    usual = frame["name"].str.slice(0, 1).value_counts(sort=True)
    assert set(usual["name"].head(3)) == {"王", "李", "张"}
    assert not set(frame["id_number"]) & set(people(20_000, 8)["id_number"])
    assert (
        people(50, 7 + BLOCKS)["id_number"]
        .str.slice(0, 6)
        .is_in([f"{province}9107" for province in PROVINCES])
        .all()
    )
