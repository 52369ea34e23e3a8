"""docs/threat-model.md: every threat names the test that carries it, and the test is there."""

import ast
import re

import pytest

from tests.architecture.floors import ROOT

TEXT = (ROOT / "docs/threat-model.md").read_text()
ROWS = [
    line for line in TEXT.splitlines() if line.startswith("| ") and not line.startswith(("| who", "| ---"))
]


def missing(test: str) -> bool:
    """Whether a test id (`path` or `path::name`) names nothing."""
    path, _, name = test.partition("::")
    if not (ROOT / path).is_file():
        return True
    tree = ast.parse((ROOT / path).read_text())
    names = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return name not in names if name else not any(one.startswith("test_") for one in names)


def test_every_threat_names_a_test_that_exists() -> None:
    assert len(ROWS) > 40
    wrong = []
    for row in ROWS:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        named = re.findall(r"`((?:unionhall|tests)/[\w/]+\.py(?:::\w+)?)`", cells[-1])
        if len(cells) != 4 or not named or any(missing(test) for test in named):
            wrong.append(row)
    assert wrong == []


@pytest.mark.parametrize("test", ["tests/none.py", "tests/architecture/test_threats.py::test_none"])
def test_a_test_that_is_not_there_is_caught(test: str) -> None:
    assert missing(test)


def test_what_is_not_stopped_is_said() -> None:
    assert len(re.findall(r"^- \*\*", TEXT.split("## What is not stopped")[1], re.MULTILINE)) >= 5
