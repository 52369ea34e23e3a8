"""tree.*: a tree of unions built, moved in and counted, against the same tree as a django-treebeard MP_Node.

Built are unions with their places in both chains and the periods of these, as a seeding does; treebeard's nodes have
a name and a code and are built with `load_bulk`, its fastest way. Either numbers its paths while the clock runs, from
the order among siblings. tree.move shifts a subtree in both chains and keeps where it was; tree.move_action is all
that moving a union is (locks, checks, permission, figures, journal).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from random import Random
from typing import Any

from .figure import median, tell, timed
from .home import opened, settle, unionhall

REASON = "a measurement over the whole tree"


def measure(home: Any, nodes: int = 61_000, rounds: int = 5) -> None:
    """Builds in an empty home of its own."""
    unionhall(home, "migrate", "--verbosity", "0")
    with opened(home):
        _measure(nodes, rounds)


def _measure(nodes: int, rounds: int) -> None:
    from django.db import transaction
    from django.utils import timezone

    from unionhall.foundation.bare import bare
    from unionhall.organisations import divisions
    from unionhall.organisations.models import Organisation, Placement
    from unionhall.portal.seeding.province import Builder
    from unionhall.portal.seeding.sizes import SCALES
    from unionhall.portal.seeding.writing import write_employers, write_unions

    today = timezone.localdate()
    divisions.load("42")
    whole = SCALES["province"]
    # Cities, counties and streets are some 1,500; the rest shrinks in proportion.
    share = max(nodes - 1_500, 100) / (61_000 - 1_500)
    counts = {
        part: max(1, round(getattr(whole, part) * share))
        for part in ("grassroots", "branches", "groups", "joint", "sectors", "areas", "former")
    }
    made = Builder(replace(whole, **counts), Random("1:bench"), today).build()  # noqa: S311 - not a secret
    node = _treebeard()
    nested = _nested(made.unions)
    theirs_build, _ = timed(lambda: node.load_bulk(nested))

    expected = [(one.path, one.second_path) for one in made.unions]
    number = _numbering(made.unions)

    def build() -> None:
        number()
        with transaction.atomic(), bare((Organisation, Placement), lambda *_: None):
            write_unions(made)

    with transaction.atomic():
        write_employers(made)
    ours_build, _ = timed(build)
    count = len(made.unions)
    assert [(one.path, one.second_path) for one in made.unions] == expected
    assert node.objects.count() == count
    settle()
    tell("tree.build", count / ours_build, "nodes/s", count / theirs_build, nodes=count)
    _count(node, rounds * 20)
    _move(node, today, rounds)


def _treebeard() -> Any:
    from django.db import connection, models
    from treebeard.mp_tree import MP_Node

    class BenchNode(MP_Node):  # type: ignore[misc]  # untyped
        name = models.CharField(max_length=200)
        code = models.CharField(max_length=40, db_index=True)
        node_order_by: list[str] = []

        class Meta:
            # load_bulk reads its model by name, so it has to belong to an app that is installed.
            app_label = "organisations"
            db_table = "bench_node"

    with connection.schema_editor() as editor:
        editor.create_model(BenchNode)
    return BenchNode


def _nested(unions: list[Any]) -> list[dict[str, Any]]:
    """The tree as load_bulk reads it."""
    found: dict[int, dict[str, Any]] = {}
    roots = []
    for union in unions:
        own: dict[str, Any] = {"data": {"name": union.name, "code": union.code}}
        found[id(union)] = own
        if union.parent is None:
            roots.append(own)
        else:
            found[id(union.parent)].setdefault("children", []).append(own)
    return roots


def _numbering(unions: list[Any]) -> Callable[[], None]:
    """Take the paths of the unions away; what is answered makes them again, given each one's place among siblings.

    Places that were left in the past keep theirs: treebeard has none.
    """
    from unionhall.organisations import paths

    holders: dict[str, tuple[Any, bool]] = {}
    for one in unions:
        holders[one.path] = one, False
        if one.second_path:
            holders[one.second_path] = one, True
    width = paths.WIDTH
    first = [(one, one.parent, int(one.path[-width:], 36)) for one in unions]
    second = [
        (one, *holders[one.second_path[:-width]], int(one.second_path[-width:], 36))
        for one in sorted(unions, key=lambda one: len(one.second_path))
        if one.second_path
    ]
    for one in unions:
        one.path = one.second_path = ""

    def number() -> None:
        for one, above, place in first:
            one.path = (above.path if above else "") + paths.segment(place)
        for one, above, beside, place in second:
            one.second_path = (above.second_path if beside else above.path) + paths.segment(place)

    return number


def _count(node: Any, rounds: int) -> None:
    """Subtrees of every size, from the root to a street."""
    from unionhall.organisations.models import Organisation

    rows = Organisation.objects.everywhere(reason=REASON)
    federations = list(rows.filter(kind__in=("federation", "street")).order_by("path"))
    chosen = federations[:: max(1, len(federations) // 40)]
    pairs = [(one, node.objects.get(code=one.code)) for one in chosen]
    ours, theirs = [], []
    for turn in range(rounds):
        one, other = pairs[turn % len(pairs)]
        mine, found = timed(lambda one=one: rows.filter(path__startswith=one.path).count())  # type: ignore[misc]
        yours, also = timed(lambda other=other: other.get_descendants().count() + 1)  # type: ignore[misc]
        assert found == also
        ours.append(mine)
        theirs.append(yours)
    tell("tree.count", sum(ours) / rounds * 1000, "ms", sum(theirs) / rounds * 1000)


def _move(node: Any, today: date, rounds: int) -> None:
    """The fullest counties to other cities, then the fullest streets to another county of their city."""
    from django.db import transaction

    from unionhall.foundation.actors import system_actor
    from unionhall.organisations import tree
    from unionhall.organisations.actions import move
    from unionhall.organisations.actions.moving import BOTH
    from unionhall.organisations.models import Organisation

    rows = Organisation.objects.everywhere(reason=REASON)

    def fullest(kind: str, depth: int) -> list[Any]:
        found = [one for one in rows.filter(kind=kind) if len(one.path) == depth * 4]
        return sorted(found, key=lambda one: -rows.filter(path__startswith=one.path).count())[:rounds]

    def shift(one: Any, target: Any) -> None:
        with transaction.atomic():
            path = target.path + tree.free_segment(target)
            rows.filter(pk=one.pk).update(parent=target)
            tree.Shift(one.path, path, today, BOTH, top=one.pk, parent=target.pk).apply()

    def theirs(one: Any, target: Any) -> float:
        moved, to = node.objects.get(code=one.code), node.objects.get(code=target.code)
        return timed(lambda: moved.move(to, "last-child"))[0]

    cities = [one for one in rows.filter(kind="federation").order_by("path") if len(one.path) == 8]
    ours, other, moved = [], [], 0
    for county in fullest("federation", 3):
        target = next(one for one in cities if not county.path.startswith(one.path))
        moved += rows.filter(path__startswith=county.path).count()
        other.append(theirs(county, target))
        ours.append(timed(partial(shift, county, target))[0])
    tell("tree.move", median(ours) * 1000, "ms", median(other) * 1000, nodes=moved // len(ours))
    counties = [one for one in rows.filter(kind="federation").order_by("path") if len(one.path) == 12]
    ours, other, moved = [], [], 0
    for street in fullest("street", 4):
        target = next(
            one for one in counties if one.path != street.path[:12] and one.path[:8] == street.path[:8]
        )
        moved += rows.filter(path__startswith=street.path).count()
        other.append(theirs(street, target))
        act = partial(move, system_actor(), organisation=street, parent=target, on=today)
        ours.append(timed(act)[0])
    tell("tree.move_action", median(ours) * 1000, "ms", median(other) * 1000, nodes=moved // len(ours))
