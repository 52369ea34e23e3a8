"""A figure over what belongs to persons says who may know its exact number, or why everybody may."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from django.db.models import Model, Q

from unionhall.foundation.actors import NoAccess
from unionhall.foundation.permissions import all_permissions
from unionhall.indicators.registry import Indicator, all_indicators, get
from unionhall.insights.disclosure import parts
from unionhall.members.models import Person

pytestmark = pytest.mark.django_db


class _Everywhere:
    day = None
    access = NoAccess()
    organisation = None

    def q(self, to: str = "", *, copied: bool = False) -> Q:
        return Q()


def leads_to_a_person(model: type[Model], passed: tuple[type[Model], ...] = ()) -> bool:
    """Whether a person stands behind a row: in it, or in what it belongs to."""
    if model is Person:
        return True
    ahead = [
        row.related_model
        for row in model._meta.get_fields()
        if (row.many_to_one or row.one_to_one) and not row.auto_created
    ]
    return any(
        isinstance(one, type) and one not in passed and leads_to_a_person(one, (*passed, model))
        for one in ahead
    )


def undecided(found: Iterable[Indicator]) -> list[str]:
    """Codes of figures over persons' matters that don't say who may know them, or say it twice."""
    guarded = set(parts())  # members have small cells of their own
    return [
        one.code
        for one in found
        if one.code not in guarded
        and bool(one.private) == bool(one.public_because)
        and (one.private or leads_to_a_person(one.rows(_Everywhere()).model))
    ]


def test_every_figure_of_persons_matters_says_who_may_know_it() -> None:
    assert undecided(all_indicators()) == []


def test_one_that_forgot_is_found() -> None:
    forgot = replace(get("cases.disputes"), private="")
    deep = replace(get("outreach.rating_checks"), private="")
    twice = replace(get("cases.task_parts"), private="cases.tasks")
    assert undecided([forgot, deep, twice]) == [forgot.code, deep.code, twice.code]


def test_money_of_persons_is_guarded_by_their_number() -> None:
    """Five of something are no yuan: what protects a sum is how many it is made of."""
    money = [one for one in all_indicators() if one.unit == "元"]
    assert [one.code for one in money if not one.private or not one.counted_by] == []
    for one in money:
        counted = get(one.counted_by)
        assert counted.private == one.private
        assert not counted.counted_by


def test_who_may_know_it_holds_a_permission_that_exists() -> None:
    known = {one.code for one in all_permissions()}
    assert {one.private for one in all_indicators() if one.private} <= known


def test_models_without_a_person_are_left_alone() -> None:
    rows: Any = get("organisations.unions").rows(_Everywhere())
    assert not leads_to_a_person(rows.model)
