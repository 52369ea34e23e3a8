"""A scheme of tiers for tests of money, so that a payment has a decision with arithmetic behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.world import World
from unionhall.rulebook import programmes, rules
from unionhall.rulebook.calculators import Tiers
from unionhall.rulebook.decisions import Outcome, decide, rule
from unionhall.rulebook.models import Decision
from unionhall.rulebook.programmes import Parameters, programme
from unionhall.rulebook.reading import read
from unionhall.rulebook.versions import Version

from .money import SYSTEM

ON = date(2026, 11, 22)
TEXT = """
title = "试验补助"
issuer = "试验工会"
[[version]]
from = 2026-01-01
status = "assumed"
source = { title = "试验" }
[version.parameters]
plan = { kind = "tiers", deductible = 1300, tiers = [ { ratio = 0.5 } ], cap = 20000 }
"""


class TrialAid(Parameters):
    plan: Tiers


def grant(parameters: TrialAid, *, selfpay: Decimal) -> Outcome:
    worked = parameters.plan.work(selfpay)
    return Outcome("granted", worked.amount, ("自付金额超过起付线",), worked)


@contextmanager
def scheme(folder: Path) -> Iterator[Version[Any]]:
    """The scheme "trial_aid", known while the block lasts."""
    programme("trial_aid", title="试验补助")(TrialAid)
    rule("trial.grant", programme="trial_aid")(grant)
    file = folder / "trial_aid.toml"
    file.write_text(TEXT, encoding="utf-8")
    try:
        yield read(file, file).versions[0]
    finally:
        del programmes._programmes["trial_aid"]
        del rules._rules["trial.grant"]


def decided(
    world: World, version: Version[Any], key: str, selfpay: int = 8000, who: str = "alpha_1"
) -> Decision:
    return decide(
        SYSTEM, key=key, version=version, rule="trial.grant", person=world.people[who],
        path=world.unions["alpha"].path, on=ON, inputs={"selfpay": Decimal(selfpay)},
    )  # fmt: skip
