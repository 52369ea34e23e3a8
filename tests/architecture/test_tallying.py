"""Whoever writes persons' facts, memberships, employments or placements tells the rollups: every such place is known.

A new place fails here until it stands in WRAPPED, which is said of a place only when `members.tallying` (or, below
members, `organisations.following`) goes around it.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from .floors import ROOT

MODELS = {"Person", "Membership", "Employment", "Placement"}
VERBS = {
    "create",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "update",
    "delete",
    "_raw_delete",
}
TABLES = r"(members_person|members_membership|members_employment|organisations_placement)\b"
SQL = re.compile(
    rf"(INSERT\s+INTO|UPDATE|DELETE\s+FROM|COPY|TRUNCATE)\s+\"?({TABLES}|\{{_table\(Placement\)\}})",
    re.IGNORECASE,
)
DELTAS = re.compile(
    r"(INSERT\s+INTO|UPDATE|DELETE\s+FROM|COPY|TRUNCATE)\s+\"?(members_celldelta|members_flowdelta)\b",
    re.IGNORECASE,
)

COUNTED = {
    "sex", "birth", "education", "migrant_worker", "period", "standing", "path", "second_path", "organisation", "form",
}  # fmt: skip

#: file → what goes around its writing.
WRAPPED = {
    "members/actions/memberships.py": "of_person around _insert and _close",
    "members/actions/relocating.py": "of_persons around _carry_over",
    "members/actions/persons.py": "of_person around changed facts and employments; a new person is no member yet",
    "members/actions/registration.py": "of_person around the first employment",
    "members/actions/posts.py": "a post's period, which is not counted",
    "members/actions/households.py": "a household's period, which is not counted",
    "benefits/actions/medical/claims.py": "a settlement line",
    "benefits/actions/medical/exceptions.py": "a settlement line",
    "benefits/actions/plans.py": "a unit's plan and its list",
    "benefits/actions/plans_paying.py": "a unit's plan",
    "benefits/actions/relief/leaving.py": "a hardship file",
    "cases/actions/transfers.py": "what belongs to a case, and a transfer's receipt",
    "window/actions/intakes.py": "an intake at the window",
    "window/actions/papers.py": "a paper entered later",
    "members/intake/committing.py": "of_batch in intake.actions",
    "members/intake/undoing.py": "of_batch_undone in intake.withdrawing",
    "organisations/tree.py": "following.followed in actions.moving and actions.endings",
    "organisations/actions/establishing.py": "a new union has no members",
    "organisations/actions/moving.py": "following.followed",
    "organisations/actions/endings.py": "following.followed",
    "portal/seeding/population.py": "rollups.rebuild at the end of the seeding",
    "portal/seeding/writing.py": "rollups.rebuild at the end of the seeding",
}
#: Who may touch the deltas themselves: one adds, one takes away.
KEEPERS = {"members/tallying.py", "insights/rollups.py"}


def _names(node: ast.AST) -> set[str]:
    """Every name and attribute in a chain such as `Membership.objects.filter(…).update`."""
    return {
        part.id if isinstance(part, ast.Name) else part.attr
        for part in ast.walk(node)
        if isinstance(part, ast.Name | ast.Attribute)
    }


def _may_count(save: ast.Call, imported: set[str]) -> bool:
    """Whether an object's save could write a counted field: it says which it writes, or it could be any."""
    for keyword in save.keywords:
        if keyword.arg == "update_fields" and isinstance(keyword.value, ast.List):
            said = {part.value for part in keyword.value.elts if isinstance(part, ast.Constant)}
            return bool(said & (COUNTED | ({"status"} if "Employment" in imported else set())))
    return True


def writes(source: str) -> list[str]:
    """Where a source writes the counted tables: SQL, the managers of the models, an object's save, COPY."""
    tree = ast.parse(source)
    found: list[str] = []
    inside: set[int] = set()
    imported = {
        alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
    } & MODELS
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            text = ast.unparse(node)
            inside |= {id(part) for part in ast.walk(node) if part is not node}
        elif id(node) in inside:
            text = ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            text = ""
        if SQL.search(text):
            found.append(f"line {node.lineno}: SQL")  # type: ignore[attr-defined]
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Attribute) and called.attr in VERBS and MODELS & _names(called.value):
            found.append(f"line {node.lineno}: {called.attr}")
        if (
            isinstance(called, ast.Attribute)
            and called.attr in VERBS
            and "placements" in _names(called.value)
        ):
            found.append(f"line {node.lineno}: {called.attr}")
        if (
            isinstance(called, ast.Attribute)
            and called.attr == "save"
            and imported
            and _may_count(node, imported)
        ):
            found.append(f"line {node.lineno}: save")
        if isinstance(called, ast.Name) and called.id in {"copy", "close", "_numbered"}:
            first = _names(node.args[0]) if node.args else set()
            # A model handed on in a variable is any of those that the file imports.
            known = first & MODELS or (called.id == "copy" and "model" in first and imported)
            found += [f"line {node.lineno}: {called.id}"] * bool(known)
        if isinstance(called, ast.Attribute) and called.attr == "close" and node.args:
            found += [f"line {node.lineno}: close"] * ("placements" in _names(node.args[0]))
    return found


def _sources() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "unionhall").rglob("*.py")):
        if not {"tests", "migrations"} & set(path.parts):
            yield str(path.relative_to(ROOT / "unionhall")), path.read_text()


def test_every_place_that_writes_what_is_counted_is_known() -> None:
    found = {name: where for name, source in _sources() if (where := writes(source))}
    unknown = {name: where for name, where in found.items() if name not in WRAPPED}
    assert unknown == {}, "wrap it with members.tallying, then name it in WRAPPED"
    assert set(WRAPPED) - set(found) == set(), "named in WRAPPED, but writes nothing"


def test_nobody_else_touches_the_deltas() -> None:
    keepers = {
        name
        for name, source in _sources()
        if DELTAS.search(source) or ("members_celldelta" in source and "_append(" in source)
    }
    assert keepers <= KEEPERS
    by_model = {
        name
        for name, source in _sources()
        if re.search(r"\b(CellDelta|FlowDelta)\.objects", source) and name not in KEEPERS
    }
    assert by_model == set()


@pytest.mark.parametrize(
    "source",
    [
        "Membership.objects.everywhere(reason='x').filter(pk=1).update(standing='retained')",
        "cursor.execute('UPDATE members_person SET sex = 1')",
        "cursor.execute(f'DELETE FROM members_employment WHERE id = {pk}')",
        "person.employments.everywhere(reason='x').model.objects; Employment.objects.create(person=person)",
        "from .models import Person\nfound.save()",
        "checks.close(one.placements.all(), on)",
        "one.placements.filter(pk=1).delete()",
        "copy(Membership, frame)",
    ],
)
def test_a_new_place_is_noticed(source: str) -> None:
    assert len(writes(source)) == 1


def test_reading_is_no_writing() -> None:
    assert writes("rows = Membership.objects.visible_to(access).filter(pk=1).count()") == []
    assert writes("cursor.execute('SELECT max(id) FROM members_person')") == []
