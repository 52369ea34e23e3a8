"""The known holes of scoped querysets, closed by lint: exists(), raw(), base managers, and reasons that say nothing."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from unionhall.foundation.scope import ScopedQuerySet

from .floors import ROOT

ADMITTED = {"visible_to", "owned_by", "everywhere", "calendar"}


def _plain() -> set[str]:
    """Models with ordinary managers: they say in `unscoped_because` why, or belong to a library."""
    return {
        model.__name__
        for model in apps.get_models()
        if not isinstance(model._default_manager.all(), ScopedQuerySet)
    }


def _sources() -> Iterator[Path]:
    for path in sorted((ROOT / "unionhall").rglob("*.py")):
        if not {"tests", "migrations"} & set(path.parts):
            yield path


def _chain(node: ast.AST) -> tuple[list[str], str]:
    """The attribute and call names of `A.objects.filter(…).exists`, outermost last, and the root name."""
    names: list[str] = []
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            return names[::-1], node.id if isinstance(node, ast.Name) else ""


def holes(source: str) -> list[str]:
    """What a source does that scope cannot see. A chain that starts at a manager must say whose eyes."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        names, root = _chain(node)
        last = node.func.attr
        line = f"line {node.lineno}: "
        if last == "raw" and "objects" in names:
            found.append(line + "raw()")
        if last == "exists" and "objects" in names and not ADMITTED & set(names) and root not in _plain():
            found.append(line + "exists() without saying whose eyes")
        if "_base_manager" in names and last in {
            "filter",
            "get",
            "all",
            "count",
            "values",
            "update",
            "delete",
        }:
            found.append(line + "_base_manager")
        if last == "everywhere" and len(_reason(node)) < 12:
            found.append(line + "everywhere() with a reason that says nothing")
    return found


def _reason(call: ast.Call) -> str:
    for keyword in call.keywords:
        if keyword.arg is None:
            return "a mapping that carries the reason"
        if keyword.arg == "reason":
            said = keyword.value
            return str(said.value) if isinstance(said, ast.Constant) else "named elsewhere in this file"
    return ""


@pytest.mark.parametrize("path", list(_sources()), ids=lambda path: str(path.relative_to(ROOT / "unionhall")))
def test_no_query_slips_past_scope(path: Path) -> None:
    if path.name in {"checks.py", "scope.py"} and path.parent.name == "foundation":
        pytest.skip("the guard itself")
    assert holes(path.read_text()) == []


@pytest.mark.parametrize(
    "line",
    [
        "Person.objects.raw('select 1')",
        "Person.objects.filter(name='x').exists()",
        "Person._base_manager.filter(pk=1)",
        "Person.objects.everywhere(reason='ok')",
    ],
)
def test_a_hole_is_caught(line: str) -> None:
    assert len(holes(line)) == 1


def test_said_aloud_is_fine() -> None:
    assert holes("Person.objects.visible_to(access).filter(name='x').exists()") == []


def _signals(source: str) -> list[str]:
    """House rules that grep can hold: no signals between rooms, no overridden save, no generic keys."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete"} and node.args.args[:1]:
            first = node.args.args[0].arg
            if first == "self" and any(arg.arg == "using" for arg in node.args.args + node.args.kwonlyargs):
                found.append(f"line {node.lineno}: overridden {node.name}()")
        if isinstance(node, ast.ImportFrom) and node.module == "django.dispatch":
            found.append(f"line {node.lineno}: a signal")
        if isinstance(node, ast.Name) and node.id == "GenericForeignKey":
            found.append(f"line {node.lineno}: GenericForeignKey")
    return found


def test_no_signals_no_overridden_save() -> None:
    assert {str(path): found for path in _sources() if (found := _signals(path.read_text()))} == {}
    assert len(_signals("from django.dispatch import receiver")) == 1
    assert len(_signals("class A:\n    def save(self, using=None): ...")) == 1


def test_no_file_is_too_long_to_read() -> None:
    long = {
        str(path.relative_to(ROOT)): n
        for path in _sources()
        if (n := len(path.read_text().splitlines())) > 450
    }
    assert long == {}


def test_no_junk_drawer_modules() -> None:
    names = {"services.py", "selectors.py", "utils.py", "helpers.py", "managers.py"}
    assert [str(path) for path in _sources() if path.name in names or "common" in path.parts] == []
