"""Decisions: once per key, kept with version and inputs, worked out again to the same sum."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.world import World
from unionhall.foundation.errors import Refused
from unionhall.rulebook import programmes, rules
from unionhall.rulebook.book import Book
from unionhall.rulebook.calculators import Tier, Tiers
from unionhall.rulebook.checking import check_used
from unionhall.rulebook.decisions import Matter, Outcome, decide, decide_many, outcome_of, replay, rule
from unionhall.rulebook.models import Decision
from unionhall.rulebook.programmes import Parameters, programme
from unionhall.rulebook.reading import read
from unionhall.rulebook.versions import Version, digest_of

ON = date(2026, 11, 22)
TEXT = """
title = "试验互助"
issuer = "试验工会"
[[version]]
from = 2026-01-01
status = "assumed"
source = { title = "试验" }
[version.parameters]
waiting_from = 2026-02-01
plan = { kind = "tiers", deductible = 1300, tiers = [ { ratio = 0.5 } ], cap = 20000 }
"""


class TrialScheme(Parameters):
    waiting_from: date
    plan: Tiers


def adjudicate(parameters: TrialScheme, *, selfpay: Decimal, day: date) -> Outcome:
    if day < parameters.waiting_from:
        return Outcome("refused", reasons=("还在等待期内",))
    worked = parameters.plan.work(selfpay)
    return Outcome("granted", worked.amount, (), worked)


def _many(parameters: TrialScheme, inputs: Sequence[dict[str, Any]]) -> list[Outcome]:
    return [
        adjudicate(parameters, selfpay=Decimal(one["selfpay"]), day=date.fromisoformat(one["day"]))
        for one in inputs
    ]


@pytest.fixture
def version(tmp_path: Path) -> Iterator[Version[TrialScheme]]:
    programme("trial_aid", title="试验互助")(TrialScheme)
    rule("trial.adjudicate", programme="trial_aid", many=_many)(adjudicate)
    file = tmp_path / "trial_aid.toml"
    file.write_text(TEXT, encoding="utf-8")
    reading = read(file, file)
    assert reading.mistakes == []
    yield reading.versions[0]
    del programmes._programmes["trial_aid"]
    del rules._rules["trial.adjudicate"]


def _decide(world: World, version: Version[Any], key: str = "trial:1", **inputs: Any) -> Decision:
    return decide(
        world.actor("river_officer"),
        key=key,
        version=version,
        rule="trial.adjudicate",
        person=world.people["alpha_1"],
        path=world.unions["alpha"].path,
        on=ON,
        inputs={"selfpay": Decimal("8000.00"), "day": ON} | inputs,
    )


def test_a_decision_is_stored_with_its_arithmetic_and_replayed(world: World, version: Version[Any]) -> None:
    made = _decide(world, version)
    assert (made.outcome, made.amount) == ("granted", Decimal("3350.00"))
    assert json.loads(made.inputs.reveal()) == {"selfpay": "8000.00", "day": "2026-11-22"}
    again = replay(made)
    assert again.same
    assert again.now.worked is not None
    assert again.now.worked.lines[0].text == "(8,000.00 − 1,300.00) × 50%"
    refused = _decide(world, version, "trial:2", day=date(2026, 1, 15))
    assert (refused.outcome, refused.reasons) == ("refused", ["还在等待期内"])
    assert refused.amount == 0


def test_a_version_that_is_over_still_decides_about_its_days(
    world: World, version: Version[Any], tmp_path: Path
) -> None:
    """What counts is the day that a decision is about, not the day on which it was made."""
    written = tmp_path / "schemes" / "trial" / "trial_aid.toml"
    written.parent.mkdir(parents=True)

    def checked(until: date) -> list[str]:
        written.write_text(TEXT.replace("status", f"until = {until}\nstatus", 1), encoding="utf-8")
        return [one.text for one in check_used(Book(tmp_path / "schemes"))]

    _decide(world, version)
    assert checked(ON + timedelta(days=1)) == []
    (mistake,) = checked(ON)
    assert f"until 早于使用这个版本的日期 {ON}" in mistake


def test_a_key_decides_once(world: World, version: Version[Any]) -> None:
    first = _decide(world, version)
    assert _decide(world, version).pk == first.pk
    with pytest.raises(Refused, match="已按其他材料"):
        _decide(world, version, selfpay=Decimal(9000))
    assert Decision.objects.everywhere(reason="test").count() == 1


def test_old_decisions_stay_when_the_scheme_changes(world: World, version: Version[Any]) -> None:
    """Replay reads the version that was used, not the one in force."""
    made = _decide(world, version)
    dearer = version.parameters.model_copy(update={"plan": Tiers(tiers=(Tier(ratio=Decimal(1)),))})
    content = version.content.replace("1300", "0")
    newer = replace(version, parameters=dearer, content=content, digest=digest_of(content))
    other = _decide(world, newer, "trial:3")
    assert other.amount == Decimal(8000)
    assert replay(made).same
    assert replay(made).version.digest == version.digest


def test_a_tampered_amount_shows(world: World, version: Version[Any]) -> None:
    made = _decide(world, version)
    Decision.objects.everywhere(reason="test").filter(pk=made.pk).update(amount=Decimal("3350.01"))
    made.refresh_from_db()
    again = replay(made)
    assert not again.same
    assert (again.then.amount, again.now.amount) == (Decimal("3350.01"), Decimal("3350.00"))


def test_a_replacement_replaces_once(world: World, version: Version[Any]) -> None:
    first = _decide(world, version)
    keep = {
        "actor": world.actor("river_officer"),
        "version": version,
        "rule": "trial.adjudicate",
        "person": None,
        "path": "",
        "on": ON,
    }
    inputs = {"selfpay": "9000.00", "day": ON}
    second = decide(**keep, key="trial:1b", inputs=inputs, replaces=first)  # type: ignore[arg-type]
    assert second.replaces_id == first.pk
    with pytest.raises(Refused, match="被另一决定替代"):
        decide(**keep, key="trial:1c", inputs=inputs, replaces=first)  # type: ignore[arg-type]


def test_many_are_decided_once_and_as_one_would_be(world: World, version: Version[Any]) -> None:
    actor, person, path = world.actor("river_officer"), world.people["alpha_1"].pk, world.unions["alpha"].path
    matters = [
        Matter(f"trial:many:{number}", person, path, ON, {"selfpay": Decimal(number * 1000), "day": ON})
        for number in range(30)
    ]
    made = decide_many(actor, version=version, rule="trial.adjudicate", matters=iter(matters[:20]))
    assert (made.made, made.known) == (20, 0)
    more = decide_many(actor, version=version, rule="trial.adjudicate", matters=iter(matters))
    assert (more.made, more.known) == (10, 20)
    # Known, but not among the keys that are looked up first: the COPY finds it.
    odd = [replace(matters[0], key=f"trial:odd{n}") for n in range(20)]
    odd[1] = matters[0]
    found = decide_many(actor, version=version, rule="trial.adjudicate", matters=odd)
    assert (found.made, found.known) == (19, 1)
    rows = list(Decision.objects.everywhere(reason="test").order_by("id"))
    assert made.amount + more.amount == sum(row.amount for row in rows)
    assert all(replay(row).same for row in rows)
    told = outcome_of(rows[8])
    assert told.worked is not None
    assert told.amount == _decide(world, version, "trial:single").amount == Decimal(3350)


def test_what_was_worked_out_already_is_stored_and_replays(world: World, version: Version[Any]) -> None:
    text = '{"selfpay":"8000.00","day":"2026-11-22"}'
    right = Outcome("granted", Decimal("3350.00"), ("按方案",))
    wrong = Outcome("granted", Decimal("9999.00"))
    matters = [Matter("trial:r", None, "", ON, text, right), Matter("trial:w", None, "", ON, text, wrong)]
    made = decide_many(
        world.actor("river_officer"), version=version, rule="trial.adjudicate", matters=matters
    )
    assert (made.made, made.amount) == (2, Decimal("13349.00"))
    rows = {row.key: row for row in Decision.objects.everywhere(reason="test")}
    assert (rows["trial:r"].reasons, rows["trial:r"].path) == (["按方案"], "")
    assert replay(rows["trial:r"]).same
    assert not replay(rows["trial:w"]).same


def test_a_worker_sees_his_own_and_officers_their_area(world: World, version: Version[Any]) -> None:
    _decide(world, version)
    seen = {
        name: Decision.objects.visible_to(world.actor(name).access).count()
        for name in ("river_officer", "gorge_officer", "chair_alpha", "chair_beta")
    }
    assert seen == {"river_officer": 1, "gorge_officer": 0, "chair_alpha": 1, "chair_beta": 0}
    assert Decision.objects.owned_by(world.actor("worker_alpha").access).count() == 1
    assert Decision.objects.owned_by(world.actor("worker_beta").access).count() == 0
