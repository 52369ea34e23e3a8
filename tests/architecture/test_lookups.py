"""Whoever may ask the whole register for a document number is counted: every desk's form that takes one."""

import ast
import inspect
from pathlib import Path
from typing import Any

from django import forms
from django.views.generic import View

from tests.architecture.routes import Route, routes
from unionhall.access.lookups import CountsLookups
from unionhall.outreach import choosing

ROOT = Path(__file__).resolve().parents[2]
#: Of the desk's own forms with a document number, those that count another way, or look for nobody.
_OTHERWISE = {
    "desk_dispute_new": "counts in its own post, and only where a number was typed",
    "window_authorise": "the agent's number is written down; nobody is looked for",
}
#: What counts a look-up, by the end of the module's name; `by_number` does it for whoever calls it.
_COUNTING = {"access.lookups": ("refusal", "CountsLookups"), "register": ("by_number",)}
#: Reads typed numbers and leaves the counting to the views of the forms that call its `people`.
_CHOOSING = "unionhall/outreach/choosing.py"


def asks_for_a_document(form: Any) -> bool:
    """A field of its own for a document's number, or lines in which members are looked up by any number."""
    if any("choosing.people(" in text for text in _sources(form)):
        return True
    fields = getattr(form, "base_fields", {})
    typed = [str(one.label) for one in fields.values() if isinstance(one, forms.CharField)]
    return any("证件号" in label or "身份证号" in label for label in typed)


def _sources(form: Any) -> list[str]:
    """The text of a form's class and of those it is made of."""
    return [
        inspect.getsource(one)
        for one in getattr(form, "__mro__", ())
        if one.__module__.startswith(("unionhall.", "tests."))
    ]


def uncounted_readers(files: dict[str, str]) -> list[str]:
    """Of the files (path → text), those that read a typed number and neither call what counts it nor build on it."""
    used = {path: (ast.parse(text), _used(text)) for path, text in files.items() if "read_number(" in text}
    return sorted(
        path
        for path, (tree, names) in used.items()
        if any(name.endswith("read_number") for name in names) and not names & _counting(tree)
    )


def _used(text: str) -> set[str]:
    """What is called, and what classes are built on, as it is written there."""
    nodes = list(ast.walk(ast.parse(text)))
    calls = [one.func for one in nodes if isinstance(one, ast.Call)]
    bases = [base for one in nodes if isinstance(one, ast.ClassDef) for base in one.bases]
    return {ast.unparse(one) for one in (*calls, *bases)}


def _counting(tree: ast.AST) -> set[str]:
    """What counts, by the names under which the file has imported it: the bare word `refusal` stands everywhere."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                here, full = alias.asname or alias.name, f"{node.module or ''}.{alias.name}"
                for module, names in _COUNTING.items():
                    if (node.module or "").endswith(module) and alias.name in names:
                        found.add(here)
                    if full.endswith(module):
                        found |= {f"{here}.{name}" for name in names}
    return found


def uncounted(found: list[Route]) -> list[str]:
    """Addresses of desks and windows whose form takes a document number that nobody counts."""
    return sorted(
        one.name
        for one in found
        if one.text.startswith(("desk/", "window/"))
        and asks_for_a_document(getattr(one.view, "form_class", None))
        and not issubclass(one.view, CountsLookups)
    )


def test_every_form_that_takes_a_document_number_counts_look_ups() -> None:
    assert uncounted(routes()) == sorted(_OTHERWISE)


def test_whatever_reads_a_typed_number_counts_it() -> None:
    files = (path for path in (ROOT / "unionhall").rglob("*.py") if "tests" not in path.parts)
    assert uncounted_readers({str(one.relative_to(ROOT)): one.read_text() for one in files}) == [_CHOOSING]


class _Form(forms.Form):
    number = forms.CharField(label="会员证件号码")


class _Lines(forms.Form):
    def clean(self) -> dict[str, Any]:
        return {"found": choosing.people(None, self.data["people"])}  # type: ignore[arg-type]


class _View(View):
    form_class = _Form


def test_one_that_forgot_is_found() -> None:
    assert uncounted([Route("forgot", _View, (), "desk/forgot/")]) == ["forgot"]
    counted = type("_Counted", (CountsLookups, _View), {})
    assert uncounted([Route("counted", counted, (), "desk/counted/")]) == []
    lines = type("_OfLines", (_View,), {"form_class": _Lines})
    assert uncounted([Route("lines", lines, (), "desk/lines/")]) == ["lines"]


_READS = "def found(text):\n    return find(read_number(text))\n"
_ONLY_SAYS = """
from unionhall.access import lookups
def act(text):
    try:
        return find(read_number(text))
    except Refused as refusal:
        return str(refusal)
"""
_COUNTS = """
from unionhall.access import lookups
def found(actor, text):
    return lookups.refusal(actor) or find(read_number(text))
"""
_IS_BUILT_ON_IT = """
from unionhall.access.lookups import CountsLookups
class Found(CountsLookups, View):
    def act(self, form):
        return find(read_number(form.cleaned_data["q"]))
"""
_HANDS_ON = """
from .register import by_number
def found(view, text):
    return by_number(view, text) if read_number(text) else None
"""


def test_a_file_that_only_names_what_counts_is_found() -> None:
    files = {
        "reads": _READS,
        "at": "finding.read_number(text)",
        "only_says": _ONLY_SAYS,
        "counts": _COUNTS,
        "built": _IS_BUILT_ON_IT,
    }
    assert uncounted_readers(files | {"hands_on": _HANDS_ON}) == ["at", "only_says", "reads"]
