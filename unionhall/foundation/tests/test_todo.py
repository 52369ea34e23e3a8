"""What sources ask for the to-do list: one statement for all, scope insisted on, bounded counts told as "at least"."""

from typing import Any

import pytest
from django.db.models import Count, Q

from tests.world import World
from unionhall.foundation import todo
from unionhall.foundation.scope import UnscopedQuery
from unionhall.foundation.wording import AtLeast
from unionhall.members.models import Membership

pytestmark = pytest.mark.django_db
WHY = "test"
NOBODY: Any = None


def _source(rows: Any, **asked: Any) -> Any:
    found = yield todo.ask(rows, **asked)
    for name, count in found.items():
        yield todo.Todo(name, count, "/")


def test_all_that_sources_ask_is_one_statement(world: World, django_assert_num_queries: Any) -> None:
    rows = Membership.objects.everywhere(reason=WHY)
    alpha = Q(organisation=world.unions["alpha"])
    with django_assert_num_queries(0):
        sources = [
            _source(rows, alpha=Count("pk", filter=alpha), unions=Count("organisation", distinct=True)),
            _source(rows.none()),
            _source(rows.order_by("-pk"), most=2),
            [todo.Todo("plain", 7, "/")],
        ]
    with django_assert_num_queries(1):
        found = [
            (one.label, one.count)
            for one in todo.told(NOBODY, *(lambda request, one=one: one for one in sources))
        ]
    counts = dict(found[:1] + found[1:])
    assert counts["plain"] == 7
    assert counts["alpha"] == rows.filter(alpha).count() > 0
    assert counts["unions"] == rows.values("organisation").distinct().count()
    assert [count for label, count in found if label == "all"] == [0, AtLeast(2)]
    assert isinstance(found[-1][1], AtLeast)


def test_nobody_counts_without_saying_whose_eyes(world: World) -> None:
    with pytest.raises(UnscopedQuery):
        todo.told(NOBODY, lambda request: _source(Membership.objects.all()))
